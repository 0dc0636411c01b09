package hoso.conformance;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.ReleaseDetails;
import org.verapdf.component.Component;
import org.verapdf.core.EncryptedPdfException;
import org.verapdf.core.ModelParsingException;
import org.verapdf.core.ValidationException;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.RuleId;

/**
 * Asks veraPDF whether PDFs are PDF/A-2b (ISO 19005-2), and 2u where they say so; prints a table.
 *
 * <p>One argument: a list, UTF-8, one file a line, four fields between tabs: name of the set;
 * what is expected; name to show; path. Expected is {@code conforms}; {@code shown}, for a file
 * that is not of our making (its outcome is printed and counts for nothing); or
 * {@code breaks CLAUSE}, for a control that was damaged on purpose: a judge that lets it pass is
 * not worth asking.
 *
 * <p>Ends 0 when every file is as expected, 1 when one is not, 2 on a list that is empty or wrong.
 */
public final class Judge {
    private static final PDFAFlavour FLAVOUR = PDFAFlavour.PDFA_2_B;
    private static final PDFAFlavour HIGHER = PDFAFlavour.PDFA_2_U;
    private static final int SHOWN_PLACES = 1;

    private enum Expected {
        CONFORMS,
        SHOWN,
        BREAKS
    }

    private record Entry(String set, Expected expected, String clause, String name, Path path) {
        static Entry read(String line) {
            String[] fields = line.split("\t", -1);
            if (fields.length != 4) {
                throw new IllegalArgumentException("not four fields: " + line);
            }
            String[] words = fields[1].split(" ", 2);
            Expected expected =
                    switch (words[0]) {
                        case "conforms" -> Expected.CONFORMS;
                        case "shown" -> Expected.SHOWN;
                        case "breaks" -> Expected.BREAKS;
                        default -> throw new IllegalArgumentException("not known: " + fields[1]);
                    };
            if ((expected == Expected.BREAKS) != (words.length == 2)) {
                throw new IllegalArgumentException("a control, and only that, names a clause: " + line);
            }
            String clause = words.length == 2 ? words[1] : "";
            return new Entry(fields[0], expected, clause, fields[2], Path.of(fields[3]));
        }
    }

    /** One broken rule: how often, what it says, and the first place. */
    private record Failure(String clause, int test, int times, String message, String place) {
        String rule() {
            return clause + "-" + test + " ×" + times;
        }
    }

    /** What was found as 2b; and as 2u, where the file declares that. */
    private record Opinion(
            Entry entry, PDFAFlavour declared, boolean compliant, List<Failure> failures) {
        boolean asExpected() {
            return switch (entry.expected()) {
                case CONFORMS -> compliant && (declared == HIGHER || declared == FLAVOUR);
                case SHOWN -> true;
                case BREAKS ->
                        !compliant
                                && failures.stream().anyMatch(f -> f.clause().equals(entry.clause()));
            };
        }

        String level() {
            return declared == HIGHER || declared == FLAVOUR ? declared.getId() : "–";
        }

        String words() {
            return switch (entry.expected()) {
                case CONFORMS, SHOWN -> compliant ? "yes" : "NO";
                case BREAKS -> asExpected() ? "no, as it must" : "NOT FOUND";
            };
        }
    }

    private Judge() {}

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        List<Entry> entries = readList(arguments);
        if (entries.isEmpty()) {
            System.err.println("nothing to judge: give one list that names at least one file");
            System.exit(2);
        }
        VeraGreenfieldFoundryProvider.initialise();
        List<Opinion> opinions = entries.stream().map(Judge::judge).toList();
        printTable(out, opinions);
        printSummary(out, opinions);
        System.exit(opinions.stream().allMatch(Opinion::asExpected) ? 0 : 1);
    }

    private static List<Entry> readList(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            return List.of();
        }
        return Files.readAllLines(Path.of(arguments[0])).stream().map(Entry::read).toList();
    }

    private static Opinion judge(Entry entry) {
        try {
            PDFAFlavour declared = declaredBy(entry.path());
            ValidationResult result = validate(entry.path(), FLAVOUR);
            if (declared == HIGHER && result.isCompliant()) {
                // 2u asks for all that 2b does, and for Unicode.
                result = validate(entry.path(), HIGHER);
            }
            return new Opinion(entry, declared, result.isCompliant(), failuresOf(result));
        } catch (EncryptedPdfException error) {
            return unreadable(entry, "encrypted", error);
        } catch (ModelParsingException | ValidationException | IOException error) {
            return unreadable(entry, "unreadable", error);
        }
    }

    private static PDFAFlavour declaredBy(Path path)
            throws EncryptedPdfException, ModelParsingException, IOException {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(path.toFile())) {
            return parser.getFlavours().stream().findFirst().orElse(PDFAFlavour.NO_FLAVOUR);
        }
    }

    private static ValidationResult validate(Path path, PDFAFlavour flavour)
            throws EncryptedPdfException, ModelParsingException, ValidationException, IOException {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(path.toFile(), flavour);
                PDFAValidator validator =
                        Foundries.defaultInstance().createValidator(flavour, false)) {
            return validator.validate(parser);
        }
    }

    private static Opinion unreadable(Entry entry, String how, Exception error) {
        return new Opinion(
                entry,
                PDFAFlavour.NO_FLAVOUR,
                false,
                List.of(new Failure(how, 0, 1, String.valueOf(error.getMessage()), "file")));
    }

    private static List<Failure> failuresOf(ValidationResult result) {
        Map<String, Failure> found = new TreeMap<>();
        for (Map.Entry<RuleId, Integer> failed : result.getFailedChecks().entrySet()) {
            RuleId rule = failed.getKey();
            List<TestAssertion> places =
                    result.getTestAssertions().stream()
                            .filter(test -> test.getStatus() == TestAssertion.Status.FAILED)
                            .filter(test -> test.getRuleId().equals(rule))
                            .limit(SHOWN_PLACES)
                            .toList();
            String message = places.isEmpty() ? "" : places.get(0).getMessage();
            String place = places.isEmpty() ? "" : places.get(0).getLocation().getContext();
            found.put(
                    rule.getClause() + "-" + rule.getTestNumber(),
                    new Failure(
                            rule.getClause(), rule.getTestNumber(), failed.getValue(), message, place));
        }
        return List.copyOf(found.values());
    }

    private static void printTable(PrintStream out, List<Opinion> opinions) {
        int set = width(opinions.stream().map(o -> o.entry().set()).toList(), "set");
        int name = width(opinions.stream().map(o -> o.entry().name()).toList(), "file");
        String row = "%-" + set + "s  %-" + name + "s  %-8s  %-14s  %s%n";
        String rulesTitle = "failed rules (ISO 19005-2 clause-test)";
        out.printf(row, "set", "file", "declares", "conforms", rulesTitle);
        out.printf(
                row, "-".repeat(set), "-".repeat(name), "-".repeat(8), "-".repeat(14), "-".repeat(38));
        for (Opinion opinion : opinions) {
            List<String> rules = opinion.failures().stream().map(Failure::rule).toList();
            out.printf(
                    row,
                    opinion.entry().set(),
                    opinion.entry().name(),
                    opinion.level(),
                    opinion.words(),
                    rules.isEmpty() ? "–" : String.join(", ", rules));
            if (opinion.entry().expected() != Expected.BREAKS || !opinion.asExpected()) {
                opinion.failures().forEach(failure -> printFailure(out, failure));
            }
        }
    }

    private static void printFailure(PrintStream out, Failure failure) {
        out.printf("      %s: %s%n", failure.rule(), failure.message().strip());
        out.printf("      at %s%n", failure.place());
    }

    private static int width(List<String> values, String title) {
        return values.stream().mapToInt(String::length).reduce(title.length(), Math::max);
    }

    private static void printSummary(PrintStream out, List<Opinion> opinions) {
        Map<String, List<Opinion>> sets = new TreeMap<>();
        for (Opinion opinion : opinions) {
            sets.computeIfAbsent(opinion.entry().set(), key -> new ArrayList<>()).add(opinion);
        }
        StringBuilder pairs = new StringBuilder("verapdf=").append(version());
        out.println();
        sets.forEach(
                (set, ours) -> {
                    long good = ours.stream().filter(Opinion::asExpected).count();
                    out.printf("%s: %d of %d as expected%n", set, good, ours.size());
                    String key = set.replace(' ', '_');
                    long higher = ours.stream().filter(o -> o.declared() == HIGHER).count();
                    pairs.append(' ').append(key).append("_files=").append(ours.size());
                    pairs.append(' ').append(key).append("_2u=").append(higher);
                    pairs.append(' ').append(key).append("_unexpected=").append(ours.size() - good);
                });
        out.println(pairs);
    }

    private static String version() {
        return ReleaseDetails.byId("core") == null
                ? ReleaseDetails.getInstance().getVersion()
                : ReleaseDetails.byId("core").getVersion();
    }
}
