package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.config.Reference;
import io.scopegate.gateway.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The reference page says what the records say, no more and no less. With {@code
 * -Dscopegate.docs.write} the page is brought up to date instead.
 */
final class ConfigurationReferenceTest {
  private static final Path PAGE = Path.of("../docs/reference/configuration.md");
  private static final String BEGIN =
      "<!-- The table is generated: scopegate schema --format markdown -->\n";
  private static final String END = "<!-- end of the table -->\n";

  @Test
  void theTableIsThatOfTheRecords() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    int end = page.indexOf(END);
    String table = Reference.of(GatewayConfig.class);
    if (System.getProperty("scopegate.docs.write") != null) {
      page =
          Files.readString(
              Files.writeString(PAGE, page.substring(0, begin) + table + page.substring(end)));
      end = page.indexOf(END);
    }

    assertThat(page.substring(begin, end))
        .as("bring it up to date by: mvn test -pl gateway -am -Dscopegate.docs.write")
        .isEqualTo(table);
  }

  @Test
  void everyExampleLoads(@TempDir Path directory) throws IOException {
    List<String> examples =
        Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(PAGE))
            .results()
            .map((MatchResult m) -> m.group(1))
            .toList();

    assertThat(examples)
        .hasSizeGreaterThan(2)
        .allSatisfy(
            yaml -> assertThat(TestFiles.problems(TestFiles.load(directory, yaml))).isEmpty());
  }

  @Test
  void theProblemInTheTextIsARealOne(@TempDir Path directory) {
    String yaml =
        """
        tempo:
          distributor: a
          queryFrontend: b
        listeners:
          query:
            address: "0.0.0.0:3200"
            upstreem: query-frontend
        """;

    assertThat(TestFiles.problems(TestFiles.load(directory, yaml)))
        .contains(
            "7:5 listeners.query.upstreem: unknown key (expected: upstream; one of address, serves,"
                + " upstream, routes, tenantInPath, pathAliases, grpcWeb, cors, allowPaths,"
                + " ignorePaths, tls, clients, proxyProtocol, health, limits, enforce)");
  }
}
