package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.TestFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

final class MainTest {
  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path good;
  private Path bad;

  @BeforeEach
  void writeFiles() throws IOException {
    good =
        Files.writeString(
            directory.resolve("good.yaml"), "tempo: {distributor: d, queryFrontend: q}\n");
    bad = Files.writeString(directory.resolve("bad.yaml"), "tempo: {distributer: d}\nlog: 1\n");
  }

  private int run(Object... args) {
    String[] texts = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      texts[i] = args[i].toString();
    }
    CommandLine commandLine = Main.commandLine(new Extra());
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(texts);
  }

  @Command(name = "extra")
  private static final class Extra implements Runnable {
    @Override
    public void run() {
      throw new IllegalStateException("on purpose");
    }
  }

  @Test
  void checkIsSatisfiedWithAGoodFile() {
    assertThat(run("check", "--config", good)).isEqualTo(Main.OK);
    assertThat(out).hasToString(good + ": fine" + System.lineSeparator());
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void checkPrintsEveryProblemOfABadFile() {
    assertThat(run("check", "-c", bad)).isEqualTo(Main.WRONG);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines())
        .hasSize(4)
        .allMatch(line -> line.startsWith(bad + ":"))
        .anyMatch(line -> line.contains(":1:9 tempo.distributer: unknown key (expected: "))
        .anyMatch(line -> line.endsWith(":2:6 log: 1 (expected: a mapping)"));
  }

  @Test
  void aMissingFileIsWrongInput() {
    assertThat(run("check", "--config", directory.resolve("none"))).isEqualTo(Main.WRONG);
    assertThat(err.toString()).contains("none:1:1: no such file");
  }

  @Test
  void configPrintsWhatIsInForce() {
    assertThat(run("config", "--config", good)).isEqualTo(Main.OK);
    assertThat(out.toString())
        .startsWith(
            "tempo: null\nupstreams:\n  distributor-otlp-grpc:\n    url: \"http://d:4317\"\n")
        .contains("\nlog:\n  level: info\n");
  }

  @Test
  void configOfABadFilePrintsProblemsOnly() {
    assertThat(run("config", "--config", bad)).isEqualTo(Main.WRONG);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).isNotEmpty();
  }

  @Test
  void schemaPrintsJsonOrMarkdown() {
    assertThat(run("schema")).isEqualTo(Main.OK);
    assertThat(out.toString()).startsWith("{\n  \"$schema\": ").endsWith("}\n");
    assertThat(run("schema", "--format", "markdown")).isEqualTo(Main.OK);
    assertThat(out.toString()).contains("\n| Key | Type |");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "nonsense", "check", "check --config", "schema --format xml", "--nonsense"})
  void aWrongCommandLineIsUsage(String args) {
    Object[] split = args.isEmpty() ? new Object[0] : args.split(" ");
    assertThat(run(split)).isEqualTo(Main.USAGE);
    assertThat(err.toString()).isNotEmpty();
  }

  @Test
  void helpAndVersionAreFine() {
    assertThat(run("--help")).isEqualTo(Main.OK);
    assertThat(run("check", "--help")).isEqualTo(Main.OK);
    assertThat(run("--version")).isEqualTo(Main.OK);
    assertThat(out.toString()).contains("scopegate ").contains("check", "config", "schema");
  }

  @Test
  void aFurtherCommandTakesPartAndFailsInOneLine() {
    assertThat(run("extra")).isEqualTo(Main.WRONG);
    assertThat(err).hasToString("scopegate: on purpose" + System.lineSeparator());
  }

  @Test
  void serveRunsOnlyAValidConfiguration() {
    CommandLine serve = new CommandLine(new ServeCommand(loaded -> loaded.isValid() ? 42 : 43));
    serve.setErr(new PrintWriter(err, true));

    assertThat(serve.execute("--config", good.toString())).isEqualTo(42);
    assertThat(serve.execute("--config", bad.toString())).isEqualTo(Main.WRONG);
    assertThat(err.toString()).contains("tempo.distributer");
  }

  @Test
  void theContractFileIsFine() {
    assertThat(run("check", "-c", TestFiles.resource("contract/full.yaml"))).isEqualTo(Main.OK);
  }
}
