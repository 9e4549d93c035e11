package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.TestFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  void checkIsSatisfiedWithAGoodFile() throws IOException {
    Path quiet =
        Files.writeString(
            directory.resolve("quiet.yaml"),
            "tempo: {distributor: d, queryFrontend: q}\ntls: {selfSigned: true}\n");
    assertThat(run("check", "--config", quiet)).isEqualTo(Main.OK);
    assertThat(out).hasToString(quiet + ": fine" + System.lineSeparator());
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void checkWarnsAndIsSatisfiedAllTheSame() {
    assertThat(run("check", good)).isEqualTo(Main.OK);
    assertThat(out).hasToString(good + ": fine, with 1 warning" + System.lineSeparator());
    assertThat(err.toString()).startsWith("warning: " + good + ":1:1 tls: the default listeners");
  }

  @Test
  void checkDoesWithoutFilesWhereItIsTold() throws IOException {
    Path config =
        Files.writeString(
            directory.resolve("pod.yaml"),
            """
            tempo: {distributor: d, queryFrontend: q}
            tls: {certificateFile: /none/tls.crt, keyFile: /none/tls.key}
            authentication: {staticTokens: /none/tokens.yaml}
            """);
    assertThat(run("check", config)).isEqualTo(Main.WRONG);
    assertThat(err.toString())
        .contains(
            "tls.certificateFile: /none/tls.crt does not exist (expected: a file that can be read)")
        .contains("authentication.staticTokens: /none/tokens.yaml does not exist");

    assertThat(run("check", "--no-files", config)).isEqualTo(Main.OK);
    assertThat(out.toString()).contains(": fine, with 3 warnings");
    assertThat(err.toString()).contains("warning: " + config + ":2:24 tls.certificateFile");
  }

  @Test
  void configPrintsOnlyWhatDiffersWhereItIsTold() throws IOException {
    Path changed =
        Files.writeString(
            directory.resolve("changed.yaml"),
            """
            upstreams: {a: {url: "http://a:1", timeouts: {connect: 7s}}}
            listeners:
              q: {address: "127.0.0.1:1", serves: [tempo-query], upstream: a, tls: {minVersion: TLSv1.3}}
            log: {level: debug, access: true}
            """);
    assertThat(run("config", "--changed", changed)).isEqualTo(Main.OK);
    assertThat(out)
        .hasToString(
            """
            upstreams:
              a:
                url: "http://a:1"
                timeouts:
                  connect: 7s
            listeners:
              q:
                address: "127.0.0.1:1"
                serves:
                  - tempo-query
                upstream: a
                tls:
                  minVersion: TLSv1.3
            log:
              level: debug
            """);
    Path again = Files.writeString(directory.resolve("again.yaml"), out.toString());
    out.getBuffer().setLength(0);
    assertThat(run("config", changed)).isEqualTo(Main.OK);
    String whole = out.toString();
    out.getBuffer().setLength(0);
    assertThat(run("config", again)).isEqualTo(Main.OK);
    assertThat(out).hasToString(whole);
  }

  @Test
  void whatIsWrongWithACommandLineComesLastWithWhatWasMeant() {
    assertThat(run("check", "--confg", "x")).isEqualTo(Main.USAGE);
    assertThat(err.toString().lines().toList().get(0)).startsWith("Usage: scopegate check");
    assertThat(lastError())
        .startsWith("scopegate: Unknown option: '--confg'")
        .contains("did you mean --config");

    assertThat(run("chek")).isEqualTo(Main.USAGE);
    assertThat(lastError()).contains("did you mean check");

    assertThat(run("check")).isEqualTo(Main.USAGE);
    assertThat(lastError()).isEqualTo("scopegate: Missing required option: '--config=FILE'");
  }

  private String lastError() {
    List<String> lines = err.toString().lines().toList();
    return lines.get(lines.size() - 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"help", "version", "help check", "completion bash", "completion zsh"})
  void thereAreCommandsForHelpVersionAndCompletion(String command) {
    assertThat(run((Object[]) command.split(" "))).isEqualTo(Main.OK);
    assertThat(out.toString()).contains("scopegate");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void fishGetsACompletionOfItsOwn() {
    assertThat(run("completion", "fish")).isEqualTo(Main.OK);
    assertThat(out.toString().lines())
        .anyMatch(
            line -> line.startsWith("complete -c scopegate -f -n __fish_use_subcommand -a do"))
        .anyMatch(line -> line.contains("from check' -s c -l config -r -F -d "))
        .allMatch(line -> line.startsWith("complete -c scopegate "));
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
