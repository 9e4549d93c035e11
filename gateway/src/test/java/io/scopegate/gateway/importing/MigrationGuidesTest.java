package io.scopegate.gateway.importing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** A guide shows the files that are tested, all of them, to the letter. */
final class MigrationGuidesTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  @ParameterizedTest
  @ValueSource(
      strings = {"collector", "migrate-from-helm-nginx", "migrate-from-tempo-operator-gateway"})
  void showsItsFilesAsTheyAreTested(String name) throws IOException {
    String guide = Files.readString(ROOT.resolve("docs/guides/" + name + ".md"));
    List<Path> files;
    try (Stream<Path> found = Files.list(ROOT.resolve("deploy/examples/" + name))) {
      files = found.toList();
    }

    assertThat(files).isNotEmpty();
    for (Path file : files) {
      assertThat(guide).as(file.toString()).contains("\n" + Files.readString(file) + "```\n");
    }
  }

  @Test
  void theCommandThatIsShownPrintsTheFileThatIsShown() throws IOException {
    String name = "migrate-from-tempo-operator-gateway";
    Path files = ROOT.resolve("deploy/examples/" + name);
    Matcher shown =
        Pattern.compile("(?s)\n\\$ scopegate import ([^`>]*?)>")
            .matcher(Files.readString(ROOT.resolve("docs/guides/" + name + ".md")));
    assertThat(shown.find()).isTrue();
    String[] arguments =
        shown
            .group(1)
            .replace("\\\n", " ")
            .replace(" tenants.yaml", " " + files.resolve("tenants.yaml"))
            .replace(" rbac.yaml", " " + files.resolve("rbac.yaml"))
            .trim()
            .split("\\s+");
    StringWriter out = new StringWriter();

    int code =
        new CommandLine(new ImportCommand()).setOut(new PrintWriter(out, true)).execute(arguments);

    assertThat(code).isZero();
    assertThat(out.toString()).isEqualTo(Files.readString(files.resolve("scopegate.yaml")));
  }
}
