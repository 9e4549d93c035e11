package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class PlainServeTest {
  @TempDir private Path directory;
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @ValueSource(strings = {"serve --config a.yaml", "serve -c a.yaml", "serve --config=a.yaml"})
  void takesWhatContainersSay(String line) {
    assertThat(PlainServe.file(line.split(" "))).isEqualTo(Path.of("a.yaml"));
  }

  /** The parser of command lines knows what they mean, or what is wrong with them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "serve",
        "serve a.yaml",
        "serve --config",
        "serve --config --help",
        "serve --config=",
        "serve --config=@a.yaml",
        "serve --config \"a.yaml\"",
        "serve --config a.yaml --upstream=http://a",
        "serve --config a.yaml --help",
        "serve --cofnig a.yaml",
        "check --config a.yaml",
        "--help"
      })
  void leavesTheRestToTheParser(String line) {
    assertThat(PlainServe.file(line.split(" "))).isNull();
  }

  /** Both ways end alike, whatever the file. */
  @ParameterizedTest
  @ValueSource(strings = {"tempo: {distributor: d, queryFrontend: q}", "tempo: {distributer: d}"})
  void answersAsTheParsedCommandDoes(String configuration) throws Exception {
    Path file = Files.writeString(directory.resolve("scopegate.yaml"), configuration);
    StringWriter parsedErr = new StringWriter();
    CommandLine parsed = new CommandLine(new ServeCommand(loaded -> 42));
    parsed.setErr(new PrintWriter(parsedErr, true));

    int code = PlainServe.run(file, new PrintWriter(err, true), loaded -> 42);

    assertThat(code).isEqualTo(parsed.execute("--config", file.toString()));
    assertThat(err).hasToString(parsedErr.toString());
  }

  @Test
  void aFailureIsOneLine() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("scopegate.yaml"), "tempo: {distributor: d, queryFrontend: q}");

    int code =
        PlainServe.run(
            file,
            new PrintWriter(err, true),
            loaded -> {
              throw new IllegalStateException("on purpose");
            });

    assertThat(code).isEqualTo(Main.WRONG);
    assertThat(err).hasToString("scopegate: on purpose" + System.lineSeparator());
  }
}
