package hoso.verdicts;

import eu.europa.esig.validationreport.ValidationReportUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Validator;
import org.xml.sax.SAXException;

/**
 * Holds validation reports to the schema of ETSI TS 119 102-2 that EU DSS brings.
 *
 * <p>Argument: a folder. Prints what is wrong with its XML files and how many there are; ends 1 where
 * one does not validate, or there is none.
 */
public final class Schema {
    private Schema() {}

    /** Runs the referee. */
    public static void main(String[] arguments) throws IOException, SAXException {
        javax.xml.validation.Schema schema = schema();
        List<Path> reports;
        try (Stream<Path> paths = Files.list(Path.of(arguments[0]))) {
            reports = paths.filter(path -> path.toString().endsWith(".xml")).sorted().toList();
        }
        int wrong = 0;
        for (Path report : reports) {
            Validator validator = schema.newValidator();
            try {
                validator.validate(new StreamSource(report.toFile()));
            } catch (SAXException error) {
                wrong++;
                System.out.println("!! " + report.getFileName() + ": " + error.getMessage());
            }
        }
        System.out.println(reports.size() + " reports in XML: " + wrong + " against the schema");
        System.exit(wrong > 0 || reports.isEmpty() ? 1 : 0);
    }

    private static javax.xml.validation.Schema schema() throws IOException, SAXException {
        return ValidationReportUtils.getInstance().getSchema();
    }
}
