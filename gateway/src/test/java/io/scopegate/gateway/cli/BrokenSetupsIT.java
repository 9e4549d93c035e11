package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * Set-ups that people break, from {@code scenarios/broken.yaml}: what {@code check}, {@code serve}
 * and {@code doctor} say of each names the cause and the remedy, and nothing of Java.
 */
final class BrokenSetupsIT {
  private static final Set<String> COLUMNS =
      Set.of(
          "name",
          "config",
          "tempo",
          "kubernetes",
          "query",
          "tls",
          "limits",
          "request",
          "fine",
          "doctorFine",
          "check",
          "doctor",
          "log",
          "readyz",
          "client");

  @TempDir private Path directory;
  private final StringWriter said = new StringWriter();

  static Stream<BrokenSetup> checked() {
    return BrokenSetup.with("check");
  }

  static Stream<BrokenSetup> examined() {
    return BrokenSetup.with("doctor");
  }

  @Test
  void eachIsLookedAtByWhatCanSeeIt() {
    List<BrokenSetup> all = BrokenSetup.all();
    assertThat(all.stream().filter(setup -> !setup.keys().containsKey("request")))
        .hasSizeGreaterThanOrEqualTo(40);
    assertThat(all.stream().map(BrokenSetup::toString)).doesNotHaveDuplicates();
    assertThat(all)
        .allSatisfy(setup -> {
          assertThat(COLUMNS).containsAll(setup.keys().keySet());
          Set<String> says = new TreeSet<>(setup.keys().keySet());
          says.retainAll(Set.of("check", "doctor", "log", "readyz", "client"));
          Set<String> expected =
              setup.keys().containsKey("config")
                  ? Set.of("check")
                  : setup.keys().containsKey("request")
                      ? Set.of("log", "client")
                      : Set.of("doctor", "log", "readyz", "client");
          assertThat(says).as(setup.toString()).isEqualTo(new TreeSet<>(expected));
        });
  }

  private int run(String... arguments) {
    CommandLine line = Main.commandLine();
    PrintWriter to = new PrintWriter(said, true);
    line.setOut(to).setErr(to);
    return line.execute(arguments);
  }

  private void assertSaid(List<String> texts) {
    assertThat(said.toString()).contains(texts);
    assertThat(said.toString()).doesNotContainPattern(BrokenSetup.JAVA);
  }

  private Path write(BrokenSetup setup) throws IOException {
    Surroundings.writeCertificates(TestCa.create(), directory);
    return Files.writeString(
        directory.resolve("scopegate.yaml"),
        setup.text("config", "").replace("@DIR@", directory.toString()));
  }

  @ParameterizedTest
  @MethodSource("checked")
  void checkNamesCauseAndRemedy(BrokenSetup setup) throws IOException {
    Path config = write(setup);

    assertThat(run("check", config.toString()))
        .as(said.toString())
        .isEqualTo(setup.is("fine") ? Main.OK : Main.WRONG);
    assertSaid(setup.says("check"));
  }

  /** The log of a start has the warnings, which `serve` hands on. */
  @ParameterizedTest
  @MethodSource("checked")
  void theStartSaysTheSame(BrokenSetup setup) throws IOException {
    Path config = write(setup);
    PrintWriter to = new PrintWriter(said, true);
    ServeCommand serve =
        new ServeCommand(loaded -> {
          loaded.warnings().forEach(to::println);
          return Main.OK;
        });

    int code = new CommandLine(serve).setOut(to).setErr(to).execute("--config", config.toString());

    assertThat(code).as(said.toString()).isEqualTo(setup.is("fine") ? Main.OK : Main.WRONG);
    assertSaid(setup.says("check"));
  }

  @ParameterizedTest
  @MethodSource("examined")
  void doctorNamesCauseAndRemedy(BrokenSetup setup) throws IOException {
    try (Surroundings around = new Surroundings(setup, directory)) {
      Path config = around.config(setup, "");

      assertThat(run("doctor", config.toString(), "--timeout", "60s"))
          .as(said.toString())
          .isEqualTo(setup.is("doctorFine") ? Main.OK : Main.WRONG);
      assertSaid(setup.says("doctor"));
    }
  }
}
