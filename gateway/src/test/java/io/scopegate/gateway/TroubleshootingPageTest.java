package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.answer.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page by symptoms has every refusal and every warning of the log, and invents none. */
class TroubleshootingPageTest {
  private static final Path PAGE = Path.of("../docs/troubleshooting.md");
  private static final List<Path> SOURCES =
      List.of(
          Path.of("src/main/java"),
          Path.of("../authz/src/main/java"),
          Path.of("../config/src/main/java"));

  /** A warning or an error whose text stands where it is logged. */
  private static final Pattern LOGGED =
      Pattern.compile("LOG\\.(?:warn|error)\\(\\s*((?:\"(?:[^\"\\\\]|\\\\.)*\"[\\s+]*)+)");

  private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `([^`]+)` \\|");

  private static String page() throws IOException {
    return Files.readString(PAGE);
  }

  private static Set<String> firstCells(String text) {
    return FIRST_CELL
        .matcher(text)
        .results()
        .map(m -> m.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String between(String text, String from, String to) {
    int begin = text.indexOf(from);
    int end = text.indexOf(to, begin);
    assertThat(begin).as(from).isNotNegative();
    assertThat(end).as(to).isGreaterThan(begin);
    return text.substring(begin, end);
  }

  @Test
  void hasEveryReasonOfARefusal() throws IOException {
    String part = between(page(), "## A client is refused", "## A client cannot connect");

    assertThat(firstCells(part))
        .isEqualTo(
            Arrays.stream(Refusal.Reason.values())
                .map(Refusal.Reason::label)
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void hasEveryWarningOfTheLogAndNoOther() throws IOException {
    String part = between(page(), "<!-- log lines: begin -->", "<!-- log lines: end -->");

    assertThat(firstCells(part)).isEqualTo(logged());
  }

  @Test
  void whatFailedConnectionsSayIsWhatTheGatewaySays() throws IOException {
    String part = between(page(), "## A client cannot connect", "## Everybody sees everything");
    String sources = sources().map(TroubleshootingPageTest::text).collect(Collectors.joining());

    assertThat(firstCells(part).stream().filter(text -> text.startsWith("it ")))
        .hasSizeGreaterThan(1)
        .allSatisfy(text -> assertThat(sources).contains(text));
  }

  private static Set<String> logged() {
    Set<String> found = new TreeSet<>();
    sources()
        .forEach(source -> {
          Matcher call = LOGGED.matcher(text(source));
          while (call.find()) {
            String format =
                LITERAL
                    .matcher(call.group(1))
                    .results()
                    .map(m -> m.group(1))
                    .collect(Collectors.joining());
            if (!format.equals("{}")) {
              found.add(format.replace("{}", "…"));
            }
          }
        });
    return found;
  }

  private static Stream<Path> sources() {
    return SOURCES.stream()
        .flatMap(top -> {
          try (Stream<Path> files = Files.walk(top)) {
            return files.filter(f -> f.toString().endsWith(".java")).toList().stream();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
