package hoso.verdicts;

import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.enumerations.SubIndication;
import eu.europa.esig.dss.enumerations.TimestampType;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.service.crl.OnlineCRLSource;
import eu.europa.esig.dss.service.ocsp.OnlineOCSPSource;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Asks EU DSS (ETSI EN 319 102-1, its default policy) what it thinks of signed PDFs.
 *
 * <p>Arguments: a folder of trust anchors (PEM or DER, subfolders too); a list, UTF-8, whose lines
 * begin with a path and a tab or end after it; {@code online} where it may ask for revocation data,
 * else a folder of revocation lists that it may use.
 *
 * <p>Prints for each file one line a signature, fields between tabs: path; kind (signature,
 * document_timestamp, none, error); field; level; indication; sub-indication; what it says.
 */
public final class Referee {
    private Referee() {}

    /** Runs the referee. */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(anchors(Path.of(arguments[0])));
        // Nothing is fetched from where a file says its authority's certificate lies.
        verifier.setAIASource(null);
        if (arguments[2].equals("online")) {
            verifier.setCrlSource(new OnlineCRLSource());
            verifier.setOcspSource(new OnlineOCSPSource());
        } else {
            verifier.setCrlSource(new ExternalResourcesCRLSource(lists(Path.of(arguments[2]))));
        }
        for (String line : Files.readAllLines(Path.of(arguments[1]), StandardCharsets.UTF_8)) {
            String path = line.split("\t", 2)[0];
            for (String verdict : judge(Path.of(path), verifier)) {
                out.println(path + "\t" + verdict);
            }
        }
    }

    private static CommonTrustedCertificateSource anchors(Path folder) throws IOException {
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.filter(Referee::isCertificate).sorted().toList()) {
                trusted.addCertificate(DSSUtils.loadCertificate(path.toFile()));
            }
        }
        return trusted;
    }

    private static InputStream[] lists(Path folder) throws IOException {
        List<InputStream> opened = new ArrayList<>();
        try (Stream<Path> paths = Files.list(folder)) {
            for (Path path : paths.sorted().toList()) {
                opened.add(new ByteArrayInputStream(Files.readAllBytes(path)));
            }
        }
        return opened.toArray(InputStream[]::new);
    }

    private static boolean isCertificate(Path path) {
        String name = path.toString();
        return name.endsWith(".pem") || name.endsWith(".cer") || name.endsWith(".crt");
    }

    // A hostile file may raise anything; it must not cost the others their verdict.
    private static List<String> judge(Path path, CommonCertificateVerifier verifier) {
        try {
            SignedDocumentValidator validator =
                    SignedDocumentValidator.fromDocument(new FileDocument(path.toFile()));
            validator.setCertificateVerifier(verifier);
            List<String> lines = lines(validator.validateDocument());
            return lines.isEmpty() ? List.of(line("none", "", "", "", "", "")) : lines;
        } catch (RuntimeException | StackOverflowError error) {
            return List.of(line("error", "", "", "", "", String.valueOf(error.getMessage())));
        }
    }

    private static List<String> lines(Reports reports) {
        SimpleReport simple = reports.getSimpleReport();
        DiagnosticData data = reports.getDiagnosticData();
        Stream<String> signatures =
                data.getSignatures().stream().map(signature -> signature(signature, simple));
        Stream<String> stamps =
                data.getTimestampList().stream()
                        .filter(stamp -> stamp.getType() == TimestampType.DOCUMENT_TIMESTAMP
                                || stamp.getType() == TimestampType.CONTAINER_TIMESTAMP)
                        .map(stamp -> timestamp(stamp, simple));
        return Stream.concat(signatures, stamps).toList();
    }

    private static String signature(SignatureWrapper signature, SimpleReport simple) {
        String level = String.valueOf(simple.getSignatureFormat(signature.getId()));
        return verdict("signature", signature.getSignatureFieldNames(), level, signature.getId(), simple);
    }

    private static String timestamp(TimestampWrapper stamp, SimpleReport simple) {
        return verdict("document_timestamp", stamp.getSignatureFieldNames(), "", stamp.getId(), simple);
    }

    private static String verdict(
            String kind, List<String> fields, String level, String id, SimpleReport simple) {
        SubIndication sub = simple.getSubIndication(id);
        String said =
                simple.getAdESValidationErrors(id).stream()
                        .map(Message::getValue)
                        .collect(Collectors.joining(" | "));
        return line(
                kind,
                String.join(",", fields),
                level,
                String.valueOf(simple.getIndication(id)),
                sub == null ? "" : sub.name(),
                said);
    }

    private static String line(String... fields) {
        return Stream.of(fields)
                .map(field -> field.replaceAll("[\\t\\r\\n]+", " "))
                .collect(Collectors.joining("\t"));
    }
}
