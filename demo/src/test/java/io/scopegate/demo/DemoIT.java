package io.scopegate.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class DemoIT {
  @Test
  void walksThroughTheWholeChain() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    int code = new CommandLine(new DemoCommand(out)).execute("--once");

    String transcript = bytes.toString(StandardCharsets.UTF_8);
    assertThat(transcript).doesNotContain("✗").contains("6. ", "as they should be");
    assertThat(code).isZero();
    // No part of a token: they all begin with this.
    assertThat(transcript).doesNotContain("eyJ");
  }
}
