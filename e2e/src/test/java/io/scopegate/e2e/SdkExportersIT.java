package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.Sdk.Protocol;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The OpenTelemetry SDKs' own exporters write through the gateway: what each does when it is
 * accepted, refused, limited and told that nobody could decide. The guide's table is {@link
 * Habits}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SdkExportersIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int SPANS = 125;

  /** After a batch that is so much more than a second's worth, the next waits for four seconds. */
  private static final int SPANS_A_SECOND = 25;

  private static final Duration TOLD_TO_WAIT = Duration.ofSeconds(3);

  private Cluster cluster;
  private SpanLedger tempo;
  private ApiPassage passage;
  private GatewayRun gateway;
  private Path ca;
  private String mayWrite;
  private String mayNot;

  /** When an exporter sends again what was not taken. */
  private enum Again {
    NEVER,
    WHEN_TOLD,
    BY_ITS_OWN_CLOCK;

    String inGuide() {
      return switch (this) {
        case NEVER -> "drops the batch";
        case WHEN_TOLD -> "waits as told, then retries";
        case BY_ITS_OWN_CLOCK -> "retries by its own clock";
      };
    }
  }

  /** A row of the table: what an exporter does, what it logs of a refusal, and its codings. */
  private enum Habits {
    JAVA_GRPC(Sdk.JAVA, Protocol.GRPC, Again.BY_ITS_OWN_CLOCK, true, "zstd"),
    JAVA_HTTP(Sdk.JAVA, Protocol.HTTP, Again.WHEN_TOLD, true, "zstd"),
    GO_GRPC(Sdk.GO, Protocol.GRPC, Again.WHEN_TOLD, true, "zstd"),
    GO_HTTP(Sdk.GO, Protocol.HTTP, Again.WHEN_TOLD, true, ""),
    PYTHON_GRPC(Sdk.PYTHON, Protocol.GRPC, Again.BY_ITS_OWN_CLOCK, true, ""),
    PYTHON_HTTP(Sdk.PYTHON, Protocol.HTTP, Again.WHEN_TOLD, false, ""),
    JAVASCRIPT_GRPC(Sdk.JAVASCRIPT, Protocol.GRPC, Again.NEVER, true, ""),
    JAVASCRIPT_HTTP(Sdk.JAVASCRIPT, Protocol.HTTP, Again.WHEN_TOLD, true, "");

    private final Sdk sdk;
    private final Protocol protocol;
    private final Again again;
    private final boolean logsTheReason;
    private final String further;

    Habits(Sdk sdk, Protocol protocol, Again again, boolean logsTheReason, String further) {
      this.sdk = sdk;
      this.protocol = protocol;
      this.again = again;
      this.logsTheReason = logsTheReason;
      this.further = further;
    }

    String inGuide() {
      return "| %s | %s | %s | %s | %s |"
          .formatted(
              sdk.inGuide(),
              protocol == Protocol.GRPC ? "gRPC" : "HTTP",
              again.inGuide(),
              logsTheReason ? "the gateway's reason" : "the status only",
              further.isEmpty() ? "gzip" : "gzip, zstd");
    }

    static List<Habits> of(Sdk sdk) {
      return List.of(values()).stream().filter(row -> row.sdk == sdk).toList();
    }

    List<String> codings() {
      return further.isEmpty() ? List.of("none", "gzip") : List.of("none", "gzip", further);
    }

    String tenant(String answer) {
      return "sdk-" + sdk.label() + "-" + protocol.label() + "-" + answer;
    }
  }

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    cluster.account("sdk", "ingest");
    cluster.account("sdk", "stranger");
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: sdk-write}
        rules: [{apiGroups: [tempo.grafana.com], resources: ["*"], resourceNames: [traces], verbs: [create]}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: sdk-write}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: sdk-write}
        subjects: [{kind: ServiceAccount, name: ingest, namespace: sdk}]
        """);
    mayWrite = cluster.token("sdk", "ingest");
    mayNot = cluster.token("sdk", "stranger");
    tempo = new SpanLedger();
    passage = new ApiPassage(cluster.port());
    StringBuilder limits = new StringBuilder();
    for (Habits row : Habits.values()) {
      limits.append(
          "    %s: {spansPerSecond: %d}%n".formatted(row.tenant("limited"), SPANS_A_SECOND));
    }
    gateway =
        GatewayRun.of(cluster, GatewayRun.Upstreams.one(tempo.port()))
            .kubeconfig(cluster.kubeconfigBy(passage.port()))
            .add("limits:\n  tenants:\n" + limits)
            .add(
                "log: {limitedPerSecond: null, unauthenticatedPerSecond: null,"
                    + " refusedPerSecond: null}")
            .start("sdk");
    ca = cluster.ca().writePem(gateway.directory().resolve("ca.crt"));
  }

  @AfterAll
  void stop() {
    gateway.close();
    passage.close();
    tempo.close();
  }

  @Test
  void theGuideHasWhatIsTestedHere() {
    assertThat(Scratch.read(Scratch.repository("docs/guides/collector.md")).lines())
        .containsSubsequence(Stream.of(Habits.values()).map(Habits::inGuide).toList());
  }

  @ParameterizedTest
  @EnumSource
  void exportersDoWhatTheGuideSays(Sdk sdk) {
    sdk.program();
    Map<String, Sdk.Running> all = new LinkedHashMap<>();
    try {
      for (Habits row : Habits.of(sdk)) {
        for (String coding : row.codings()) {
          all.put(row.tenant(coding), start(row, coding, coding, mayWrite, 1));
        }
        all.put(row.tenant("refused"), start(row, "refused", "gzip", mayNot, 1));
        all.put(row.tenant("limited"), start(row, "limited", "gzip", mayWrite, 2));
      }
      for (Habits row : Habits.of(sdk)) {
        for (String coding : row.codings()) {
          accepted(row, coding, all.get(row.tenant(coding)).await());
        }
        refused(row, all.get(row.tenant("refused")).await());
        limited(row, all.get(row.tenant("limited")).await());
      }
    } finally {
      all.values().forEach(Sdk.Running::close);
    }
  }

  @ParameterizedTest
  @EnumSource
  void nobodyCouldDecideAndTheExportersDoWhatTheGuideSays(Sdk sdk) {
    sdk.program();
    Map<Habits, Sdk.Running> all = new LinkedHashMap<>();
    passage.cut();
    try {
      for (Habits row : Habits.of(sdk)) {
        String unknown = cluster.token("sdk", "ingest");
        all.put(row, start(row, "undecided", "gzip", unknown, 1));
      }
      Until.holds(
          "each was told that nobody could decide",
          PATIENCE,
          () -> all.keySet().stream().noneMatch(row -> attempts(row, "undecided").isEmpty()));
    } finally {
      passage.restore();
    }
    try {
      all.forEach((row, running) -> undecided(row, running.await()));
    } finally {
      all.values().forEach(Sdk.Running::close);
    }
  }

  private Sdk.Running start(Habits row, String answer, String coding, String token, int batches) {
    int port =
        row.protocol == Protocol.GRPC ? gateway.ports().otlpGrpc() : gateway.ports().otlpHttp();
    return row.sdk.start(
        new Sdk.Export(row.protocol, coding, port, ca, row.tenant(answer), token), batches, SPANS);
  }

  private void accepted(Habits row, String coding, Sdk.Told told) {
    assertThat(told.results()).as("%s in %s: %s", row, coding, told).containsExactly("exported");
    assertThat(attempts(row, coding, told)).as("%s in %s", row, coding).hasSize(1);
    assertThat(tempo.of(row.tenant(coding)).spans()).as("%s in %s", row, coding).hasSize(SPANS);
    assertThat(tempo.of(row.tenant(coding)).codings())
        .as("%s in %s", row, coding)
        .containsExactly(coding.equals("none") ? "identity" : coding);
  }

  private void refused(Habits row, Sdk.Told told) {
    assertThat(told.results()).as("%s: %s", row, told).containsExactly("dropped");
    List<Attempt> attempts = attempts(row, "refused", told);
    assertThat(attempts).as("%s", row).extracting(Attempt::refusal).containsExactly("forbidden");
    String log = told.log().toLowerCase(Locale.ROOT).replace("_", "");
    assertThat(log)
        .as("%s", row)
        .containsAnyOf("forbidden", "permissiondenied", "status code 7", "status code 403");
    assertThat(told.log().contains("would allow it"))
        .as("%s: %s", row, told)
        .isEqualTo(row.logsTheReason);
    assertThat(told.log()).doesNotContain(mayNot);
  }

  private void limited(Habits row, Sdk.Told told) {
    List<Attempt> attempts = attempts(row, "limited", told);
    assertThat(attempts.get(0).refusal()).as("%s", row).isEmpty();
    assertThat(attempts.get(1).refusal()).as("%s", row).isEqualTo("limited");
    sentAgain(row, attempts.subList(1, attempts.size()), told);
    if (row.again == Again.WHEN_TOLD) {
      assertThat(attempts).as("%s", row).hasSize(3);
      assertThat(attempts.get(1).until(attempts.get(2))).as("%s", row).isGreaterThan(TOLD_TO_WAIT);
    } else if (row.again == Again.BY_ITS_OWN_CLOCK) {
      assertThat(attempts.get(1).until(attempts.get(2))).as("%s", row).isLessThan(TOLD_TO_WAIT);
    }
  }

  private void undecided(Habits row, Sdk.Told told) {
    List<Attempt> attempts = attempts(row, "undecided", told);
    assertThat(attempts.get(0).refusal()).as("%s", row).isEqualTo("undecided");
    sentAgain(row, attempts, told);
  }

  /** After the first, which failed: none, or as many as it took. */
  private void sentAgain(Habits row, List<Attempt> attempts, Sdk.Told told) {
    if (row.again == Again.NEVER) {
      assertThat(attempts).as("%s", row).hasSize(1);
      assertThat(told.last()).as("%s: %s", row, told).isEqualTo("dropped");
    } else {
      assertThat(attempts).as("%s", row).hasSizeGreaterThan(1);
      assertThat(attempts.get(attempts.size() - 1).refusal()).as("%s", row).isEmpty();
      assertThat(told.last()).as("%s: %s", row, told).isEqualTo("exported");
    }
  }

  /**
   * A line of the access log.
   *
   * @param at when the answer went out
   * @param refusal empty if it was stored
   */
  private record Attempt(Instant at, String refusal) {
    Duration until(Attempt next) {
      return Duration.between(at, next.at);
    }
  }

  /** What the gateway has logged of them, with the last. */
  private List<Attempt> attempts(Habits row, String answer, Sdk.Told told) {
    boolean exported = told.last().equals("exported");
    AtomicReference<List<Attempt>> attempts = new AtomicReference<>(List.of());
    Until.holds(
        "the log has the last request of " + row + ": " + told,
        PATIENCE,
        () -> {
          List<Attempt> now = attempts(row, answer);
          attempts.set(now);
          return now.size() >= told.results().size()
              && now.get(now.size() - 1).refusal().isEmpty() == exported;
        });
    return attempts.get();
  }

  /** What the gateway has logged so far of an exporter's requests. */
  private List<Attempt> attempts(Habits row, String answer) {
    List<Attempt> attempts = new ArrayList<>();
    String id = "\"request_id\":\"" + row.tenant(answer) + "\"";
    for (String line : gateway.process().output().lines().toList()) {
      if (line.contains("\"type\":\"access\"") && line.contains(id)) {
        JsonObject json = new JsonObject(line);
        attempts.add(
            new Attempt(Instant.parse(json.getString("time")), json.getString("refusal", "")));
      }
    }
    return attempts;
  }
}
