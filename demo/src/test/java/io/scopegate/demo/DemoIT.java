package io.scopegate.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class DemoIT {
  private static int code;
  private static String transcript = "";

  @BeforeAll
  static void walk() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    code = new CommandLine(new DemoCommand(out, Ports.any())).execute("--once");
    transcript = bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void walksThroughTheWholeChain() {
    assertThat(transcript).doesNotContain("✗").contains("6. ", "checks passed");
    assertThat(code).isZero();
  }

  @Test
  void printsNoToken() {
    assertThat(transcript).doesNotContain("eyJ");
  }

  @Test
  void removesItsFiles() {
    String directory = transcript.replaceAll("(?s).*its files +(\\S+).*", "$1");

    assertThat(Path.of(directory)).doesNotExist();
  }

  @Test
  void isWhatTheReadmeShows() throws IOException {
    String readme = Files.readString(Path.of("..", "README.md"));
    String begin = "<!-- demo transcript: begin -->";
    String shown =
        readme.substring(
            readme.indexOf(begin) + begin.length(),
            readme.indexOf("<!-- demo transcript: end -->"));

    assertThat(sameEverywhere(shown)).contains(sameEverywhere(transcript));
  }

  /** Without ports, paths and times. */
  private static String sameEverywhere(String text) {
    return text.replaceAll("\\S*scopegate-demo-\\d+", "DIRECTORY")
        .replaceAll("\\b\\d{4,5}\\b", "PORT")
        .replaceAll("in \\d+\\.\\d s", "in TIME")
        .strip();
  }
}
