package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.scopegate.authz.ReviewObserver.Kind;
import io.scopegate.authz.ReviewObserver.Outcome;
import io.scopegate.gateway.MetricsPage;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.meter.AnswerMeter;
import io.scopegate.gateway.meter.CostPlace;
import io.scopegate.gateway.meter.MeterPool;
import io.scopegate.gateway.tls.TlsFile;
import io.scopegate.gateway.tls.TlsUse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
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

  /** A query with every figure. */
  private static RequestRecord costly() {
    AnswerMeter meter = new AnswerMeter(CostPlace.SEARCH, false, new MeterPool());
    meter.begin("application/json", null);
    meter.add(
        Unpooled.copiedBuffer(
            "{\"metrics\":{\"inspectedBytes\":1,\"inspectedTraces\":1,\"inspectedSpans\":1,"
                + "\"completedJobs\":1,\"totalBlocks\":1,\"totalBlockBytes\":1,"
                + "\"backendReads\":1,\"backendBytes\":1}}",
            StandardCharsets.US_ASCII));
    meter.close();
    RequestRecord costly = RequestRecords.search();
    costly.cost = meter.cost();
    return costly;
  }

  private static String scrape() {
    try (LogOutput output = new LogOutput(new Lines())) {
      LineLog<RequestRecord> log =
          LineLog.ofRequests(output, LogConfig.Format.JSON, InstantSource.system());
      try (Telemetry telemetry = new Telemetry(log, 500, "test")) {
        telemetry.auditTo(
            LineLog.ofDecisions(output, LogConfig.Format.JSON, InstantSource.system()));
        telemetry.usageTo(new UsageLog(output, LogConfig.Format.JSON, InstantSource.system()));
        telemetry.usage().reconfigure(new UsageConfig(true, Duration.ofHours(1)));
        telemetry.logOutput(output);
        telemetry.inFlight(
            new Telemetry.InFlight(() -> 0, () -> 0, () -> 0, () -> 0, () -> 0, () -> 0, () -> 0));
        telemetry.eventLoopTasks(() -> 0);
        telemetry.eventLoopLag().accept(1);
        telemetry.budgets(Map.of("bytes", () -> 0.5));
        telemetry.configuration().inForce("log: {}");
        telemetry.ready(() -> true);
        telemetry.auditOnly(() -> 0, () -> false);
        telemetry.listener("query");
        telemetry.upstream("query-frontend").endpoint("10.0.0.1:3200").checked(true);
        telemetry.upstream("query-frontend").endpoint("10.0.0.1:3200").limit(40);
        telemetry
            .upstreamStates()
            .replaceWith(Map.of("query-frontend", new UpstreamStates.State(true, true)));
        telemetry.tls(
            Map.of(
                "listeners.query.tls",
                new TlsUse(
                    List.of("JDK"), List.of(new TlsFile(Path.of("tls.crt"), Instant.EPOCH)))));
        telemetry.kubernetes().answered(Kind.TOKEN, Outcome.YES, 1);
        telemetry.kubernetes().caches(() -> 0, () -> 0);
        telemetry.kubernetes().keys("cluster", 1);
        telemetry.kubernetes().ownCredential(1);
        telemetry.limitStore().became(true, 2);
        telemetry.reloaded(Telemetry.Reload.CONFIGURATION, false);
        telemetry.limits("acme").limit("spansPerSecond", 10);
        telemetry.finished(RequestRecords.export());
        telemetry.finished(costly());
        telemetry.finished(RequestRecords.refused(Reason.FORBIDDEN, "a"));
        RequestRecord forwarded = RequestRecords.export();
        forwarded.waived = Refusal.of(Reason.FORBIDDEN, "no");
        forwarded.overLimit = Refusal.of(Reason.LIMITED, "too many");
        telemetry.limits("acme").wouldRefuse("spansPerSecond");
        telemetry.finished(forwarded);
        return new String(telemetry.scrape(), StandardCharsets.UTF_8);
      }
    }
  }
}
