package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class HangupTest {
  @Test
  void runsTheActionInsteadOfEndingTheProcess() throws Exception {
    CountDownLatch reloaded = new CountDownLatch(1);
    Hangup.handle(reloaded::countDown);

    String self = Long.toString(ProcessHandle.current().pid());
    Process kill = new ProcessBuilder("kill", "-HUP", self).inheritIO().start();

    assertThat(kill.waitFor()).isZero();
    assertThat(reloaded.await(30, TimeUnit.SECONDS)).isTrue();
  }
}
