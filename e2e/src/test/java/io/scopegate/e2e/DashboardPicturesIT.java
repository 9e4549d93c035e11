package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.scopegate.testkit.tempo.Traces;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The pictures of the dashboards in the guide, made on request: their own queries on a Prometheus
 * that has scraped a gateway before a real Tempo for some minutes, drawn in a browser.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DashboardPicturesIT {
  private static final Path PICTURES = Scratch.repository("docs/guides/images");
  private static final Duration RUN = Duration.ofSeconds(135);
  private static final int SHOWN_SECONDS = 120;
  private static final int STEP = 2;
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/%s/dist/";

  private Cluster cluster;
  private Http http;
  @AutoClose private Tempo.Real tempo;
  @AutoClose private Rpc rpc;
  @AutoClose private GatewayRun gateway;
  @AutoClose private Prometheus prometheus;
  @AutoClose private Browser browser;
  private ScheduledExecutorService clients;
  private Instant end;

  @BeforeAll
  void run() {
    Assumptions.assumeTrue(
        Boolean.getBoolean("scopegate.docs.write"), "without -Dscopegate.docs.write=true");
    Parts.need("tempo");
    Parts.need("prometheus");
    browser = Browser.start();
    cluster = Cluster.shared();
    http = Http.one(cluster.ca());
    rpc = new Rpc(cluster.ca());
    tempo = new Tempo.Real();
    gateway = setup().start("pictured");
    prometheus = new Prometheus(gateway, "exemplar-storage");
    clients = Executors.newScheduledThreadPool(4);
    load();
    Until.passed(RUN);
    end = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  }

  @AfterAll
  void stop() {
    if (clients != null) {
      clients.shutdownNow();
    }
  }

  private GatewayRun.Setup setup() {
    return GatewayRun.of(cluster, tempo.ports())
        .checkingUpstreams()
        .add("usage: {enabled: true}")
        .add(
            "tracing: {ratio: 0.1, otlp: {endpoint: \"http://127.0.0.1:%d\", tenant: ops}}"
                .formatted(tempo.ports().otlpHttp()))
        .add(
            """
            log: {successRatio: 0.1}
            limits:
              defaults:
                spansPerSecond: 1000
                ingestBytesPerSecond: 200KB
                queriesPerSecond: 20
                concurrentQueries: 10
                concurrentStreams: 10
              tenants: {payments: {spansPerSecond: 150}}
            """);
  }

  // ---- the clients

  private void load() {
    String ingest = cluster.token("showcase", "ingest");
    String query = cluster.token("showcase", "query");
    String payments = cluster.token("payments", "ingest");
    String asking = cluster.token("payments", "query");
    each(30, turn -> write("showcase", ingest, 5 + wave(turn, 700, 20)));
    each(70, turn -> write("payments", payments, 4 + wave(turn, 300, 12)));
    each(110, turn -> post("showcase", ingest, 10));
    each(90, turn -> read("showcase", query, search(turn)));
    each(260, turn -> read("payments", asking, search(turn)));
    each(700, turn -> read("payments", query, "/api/search"));
    each(1_100, turn -> read("showcase", "", "/api/search"));
    each(1_900, turn -> read("showcase", query, "/no/such/path"));
  }

  /** What a client does again and again. */
  private interface Act {
    void turn(int turn);
  }

  private void each(int millis, Act act) {
    AtomicInteger turn = new AtomicInteger();
    clients.scheduleWithFixedDelay(
        () -> act.turn(turn.incrementAndGet()), 0, millis, TimeUnit.MILLISECONDS);
  }

  /** From 0 to this, up and down. */
  private static int wave(int turn, int turns, int most) {
    return (int) Math.round(most * (1 - Math.cos(2 * Math.PI * turn / turns)) / 2);
  }

  private static String search(int turn) {
    return switch (turn % 4) {
      case 0 -> "/api/search/tags";
      case 1 -> "/api/search/tag/service.name/values";
      default -> "/api/search?q=%7B%7D&limit=20";
    };
  }

  private void write(String tenant, String token, int spans) {
    rpc.call(
        gateway.ports().otlpGrpc(),
        Collector.EXPORT,
        Traces.batch(Traces.newId(), "checkout", "POST /cart", spans),
        "authorization",
        "Bearer " + token,
        "x-scope-orgid",
        tenant);
  }

  private void post(String tenant, String token, int spans) {
    http.post(
        gateway.otlpHttp("/v1/traces"),
        Traces.batch(Traces.newId(), "stock", "GET /item", spans).toByteArray(),
        "content-type",
        "application/x-protobuf",
        "authorization",
        "Bearer " + token,
        "x-scope-orgid",
        tenant);
  }

  private void read(String tenant, String token, String path) {
    if (token.isEmpty()) {
      http.get(gateway.query(path), "x-scope-orgid", tenant);
    } else {
      http.get(gateway.query(path), "authorization", "Bearer " + token, "x-scope-orgid", tenant);
    }
  }

  // ---- the pictures

  @ParameterizedTest
  @CsvSource({
    "overview, '', dashboard-overview",
    "tenant, '', dashboard-tenant",
    "operations, Decisions|Upstreams, dashboard-operations-1",
    "operations, Limits|Budgets|Connections|Process, dashboard-operations-2"
  })
  void drawsADashboard(String file, String rows, String picture) throws IOException {
    JsonObject board = board(file, List.of(rows.split("\\|")));
    Path to = PICTURES.resolve(picture + ".png");
    try (Browser.Window window = browser.open(1280, 900, ColorScheme.LIGHT)) {
      window.page().setContent(resource("/dashboards/page.html"));
      String uplot = UPLOT.formatted(uplotVersion());
      window
          .page()
          .addStyleTag(new Page.AddStyleTagOptions().setContent(resource(uplot + "uPlot.min.css")));
      script(window, resource(uplot + "uPlot.iife.min.js"));
      script(window, resource("/dashboards/render.js"));
      window.page().evaluate("text => draw(text)", elsewhere(board.encode()));
      assertThat(window.complaints()).isEmpty();
      Pictures.take(window.page().locator("#board"), to);
    }
    assertThat(Files.size(to)).as("%s", to).isLessThan(150_000);
  }

  /** Files where an installation has them, not where this machine has. */
  private String elsewhere(String text) {
    return text.replace(gateway.directory().toString(), "/etc/scopegate");
  }

  private static void script(Browser.Window window, String text) {
    window.page().addScriptTag(new Page.AddScriptTagOptions().setContent(text));
  }

  /** A dashboard's panels below these rows, or all, with what Prometheus says to their queries. */
  private JsonObject board(String file, List<String> rows) throws IOException {
    JsonObject board =
        new JsonObject(Files.readString(Prometheus.FILES.resolve("dashboards/" + file + ".json")));
    JsonArray panels = new JsonArray();
    JsonArray answers = new JsonArray();
    boolean wanted = rows.contains("");
    for (Object one : board.getJsonArray("panels")) {
      JsonObject panel = (JsonObject) one;
      if (panel.getString("type").equals("row")) {
        wanted = rows.contains("") || rows.contains(panel.getString("title"));
      }
      if (wanted) {
        panels.add(panel);
        answers.add(answers(panel));
      }
    }
    assertThat(panels).isNotEmpty();
    return new JsonObject()
        .put("title", board.getString("title"))
        .put("panels", panels)
        .put("answers", answers)
        .put(
            "range",
            new JsonObject()
                .put("from", end.getEpochSecond() - SHOWN_SECONDS)
                .put("to", end.getEpochSecond())
                .put("step", STEP));
  }

  private JsonArray answers(JsonObject panel) {
    JsonArray answers = new JsonArray();
    for (Object target : panel.getJsonArray("targets", new JsonArray())) {
      String expression = ((JsonObject) target).getString("expr");
      String asked = MonitoringIT.filledIn(expression.replace("$tenant", "payments"));
      answers.add(
          panel.getString("type").equals("timeseries")
              ? prometheus.range(asked, end.minusSeconds(SHOWN_SECONDS), end, STEP)
              : prometheus.query(asked));
    }
    return answers;
  }

  private static String uplotVersion() throws IOException {
    return resource("/META-INF/maven/org.webjars.npm/uplot/pom.properties")
        .lines()
        .filter(line -> line.startsWith("version="))
        .map(line -> line.substring("version=".length()))
        .findFirst()
        .orElseThrow();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(DashboardPicturesIT.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
