package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class HangupTest {
  @Test
  void runsTheActionInsteadOfEndingTheProcess() throws Exception {
    // as under nohup; a JVM leaves such a signal ignored
    assumeFalse(ignoresHangups(), "this process was started with SIGHUP ignored");
    CountDownLatch reloaded = new CountDownLatch(1);
    Hangup.handle(reloaded::countDown);

    String self = Long.toString(ProcessHandle.current().pid());
    Process kill = new ProcessBuilder("kill", "-HUP", self).inheritIO().start();

    assertThat(kill.waitFor()).isZero();
    assertThat(reloaded.await(30, TimeUnit.SECONDS)).isTrue();
  }

  private static boolean ignoresHangups() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1) != 0);
  }
}
