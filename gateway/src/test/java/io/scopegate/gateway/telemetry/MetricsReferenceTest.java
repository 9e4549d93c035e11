package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authentication;
import io.scopegate.gateway.MetricsPage;
import io.scopegate.gateway.answer.Refusal.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsReferenceTest {
  @Test
  void theReferenceListsEveryMetricWithItsTypeAndLabelsAndNothingElse() {
    assertThat(MetricsPage.scraped(scrape())).isEqualTo(MetricsPage.documented());
  }

  private static String scrape() {
    try (LogOutput output = new LogOutput(new Lines())) {
      AccessLog log = new AccessLog(output, LogFormat.JSON, InstantSource.system());
      try (Telemetry telemetry = new Telemetry(log, 500, "test")) {
        telemetry.auditTo(new AuditLog(output, LogFormat.JSON, InstantSource.system()));
        telemetry.logOutput(output);
        telemetry.inFlight(
            new Telemetry.InFlight(() -> 0, () -> 0, () -> 0, () -> 0, () -> 0, () -> 0));
        telemetry.eventLoopTasks(() -> 0);
        telemetry.ready(() -> true);
        telemetry.listener("query");
        telemetry.upstream("query-frontend");
        telemetry.tls(
            List.of(
                new Telemetry.TlsUsed(
                    "listeners.query.tls", List.of("JDK"), Map.of("tls.crt", Instant.EPOCH))));
        telemetry.reviews().tokenReviewed(Authentication.Outcome.AUTHENTICATED, 1);
        telemetry.reviews().cache("tokens", () -> 0, () -> 0, () -> 0, () -> 0);
        telemetry.reviews().keys("cluster", 1);
        telemetry.reviews().waiting(() -> 0);
        telemetry.reviews().circuitOpen(() -> 0);
        telemetry.limitStore().became(true, 2);
        telemetry.reloaded(Telemetry.Reload.CONFIGURATION, false);
        telemetry.limits("acme").limit("spansPerSecond", 10);
        telemetry.finished(RequestRecords.export());
        telemetry.finished(RequestRecords.refused(Reason.FORBIDDEN, "a"));
        return new String(telemetry.scrape(), StandardCharsets.UTF_8);
      }
    }
  }
}
