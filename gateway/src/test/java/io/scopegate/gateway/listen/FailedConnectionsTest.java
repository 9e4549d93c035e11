package io.scopegate.gateway.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.probe.LogCapture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FailedConnectionsTest {
  private final LogCapture log = new LogCapture(FailedConnections.class);
  private long nanos = Long.MAX_VALUE - 1; // the clock may overflow
  private final FailedConnections failures = new FailedConnections("query", () -> nanos);

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void aCauseHasALineAtMostEveryTenSeconds() {
    failures.failed("10.0.0.1:1", "a");
    failures.failed("10.0.0.1:2", "a");
    failures.failed("10.0.0.1:3", "b");
    nanos += TimeUnit.SECONDS.toNanos(9);
    failures.failed("10.0.0.1:4", "a");
    nanos += TimeUnit.SECONDS.toNanos(1);
    failures.failed("10.0.0.1:5", "a");

    assertThat(log.lines())
        .containsExactly(
            "INFO listeners.query: connection from 10.0.0.1:1 failed: a",
            "INFO listeners.query: connection from 10.0.0.1:3 failed: b",
            "INFO listeners.query: connection from 10.0.0.1:5 failed: a (2 more since the last"
                + " line)");
  }
}
