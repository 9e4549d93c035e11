package io.scopegate.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.Traces;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The console in a real browser, beside a real API server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Path PICTURES = Scratch.repository("docs/guides/images");

  private Cluster cluster;
  private Http http;
  @AutoClose private TempoStandIn tempo;
  @AutoClose private Rpc rpc;
  @AutoClose private Browser browser;
  @AutoClose private GatewayRun gateway;
  private ScheduledExecutorService clients;
  private String base;

  @BeforeAll
  void start() {
    browser = Browser.start();
    cluster = Cluster.shared();
    http = Http.one(cluster.ca());
    rpc = new Rpc(cluster.ca());
    tempo = TempoStandIn.start();
    int console = FreePorts.next();
    base = "http://127.0.0.1:" + console + "/";
    gateway = setup(console).start("console");
    clients = Executors.newSingleThreadScheduledExecutor();
    String ingest = cluster.token("showcase", "ingest");
    String query = cluster.token("showcase", "query");
    String other = cluster.token("payments", "ingest");
    clients.scheduleWithFixedDelay(() -> write("showcase", ingest), 0, 70, TimeUnit.MILLISECONDS);
    clients.scheduleWithFixedDelay(() -> write("payments", other), 0, 150, TimeUnit.MILLISECONDS);
    clients.scheduleWithFixedDelay(() -> read("showcase", query), 0, 400, TimeUnit.MILLISECONDS);
  }

  @AfterAll
  void stop() {
    if (clients != null) {
      clients.shutdownNow();
    }
  }

  private GatewayRun.Setup setup(int console) {
    return GatewayRun.of(
            cluster,
            new GatewayRun.Upstreams(tempo.otlpGrpcPort(), tempo.otlpHttpPort(), tempo.queryPort()))
        .console(console)
        .checkingUpstreams()
        .add(
            """
            forwarding: {drain: 3s}
            limits:
              defaults: {spansPerSecond: 200, ingestBytesPerSecond: 100KB, queriesPerSecond: 20}
              tenants: {payments: {spansPerSecond: 14}}
            """);
  }

  private void write(String tenant, String token) {
    rpc.call(
        gateway.ports().otlpGrpc(),
        Collector.EXPORT,
        Traces.batch(Traces.newId(), "checkout", "POST /cart", 2),
        "authorization",
        "Bearer " + token,
        "x-scope-orgid",
        tenant);
  }

  private int read(String tenant, String token) {
    return http.get(
            gateway.query("/api/search"),
            "authorization",
            "Bearer " + token,
            "x-scope-orgid",
            tenant)
        .status();
  }

  private Browser.Window open() {
    return open(1280, 900, ColorScheme.LIGHT);
  }

  private Browser.Window open(int width, int height, ColorScheme colors) {
    Browser.Window window = browser.open(width, height, colors);
    window.page().navigate(base);
    assertThat(window.page().locator("#live")).hasText("live");
    return window;
  }

  private void assertItKeptToItself(Browser.Window window) {
    assertThat(window.requests()).isNotEmpty().allMatch(url -> url.startsWith(base));
    assertThat(window.complaints()).isEmpty();
  }

  private static Locator refusal(Page page, String tenant) {
    return page.locator("#refused tbody tr")
        .filter(new Locator.FilterOptions().setHasText(tenant))
        .first();
  }

  @Test
  void aDenialIsSeenExplainedAndPutRight() {
    cluster.account("bakery", "grafana");
    String token = cluster.token("bakery", "grafana");
    try (Browser.Window window = open()) {
      Page page = window.page();

      assertThat(read("bakery", token)).isEqualTo(403);
      Instant refused = Instant.now();
      Locator row = refusal(page, "bakery");
      row.waitFor();
      Duration later = Duration.between(refused, Instant.now());
      assertThat(later).as("from the answer to the page").isLessThan(Duration.ofSeconds(2));
      assertThat(row).containsText("forbidden");
      assertThat(row).containsText("system:serviceaccount:bakery:grafana");
      assertThat(row).containsText("may not read tenant bakery");

      row.getByRole(AriaRole.BUTTON).click();
      assertThat(page.locator(".verdict")).containsText("refused: forbidden, HTTP 403");
      Locator missing = page.locator(".steps li.bad").first();
      assertThat(missing).containsText("Right for bakery");
      assertThat(missing).containsText("It is missing.");
      missing.getByText("Copy", new Locator.GetByTextOptions().setExact(true)).first().click();
      assertThat(page.locator("#spoken")).hasText("Copied");
      String copied = (String) page.evaluate("navigator.clipboard.readText()");
      assertThat(copied)
          .contains("kind: ClusterRole\n", "kind: ClusterRoleBinding\n", "resources: [bakery]");

      cluster.apply(copied);
      Until.holds("the next request passes", PATIENCE, () -> read("bakery", token) == 200);

      page.locator("#explain-form button").click();
      assertThat(page.locator(".verdict")).hasText("It would be forwarded.");
      assertThat(page.locator(".steps")).containsText("It is there.");
      assertThat(page.locator("#tenants tbody")).containsText("bakery");
      assertThat(page.locator("#tenants tbody")).containsText("of queriesPerSecond (20/s)");
      assertItKeptToItself(window);
    }
  }

  @Test
  void showsHowEverythingIs() {
    try (Browser.Window window = open()) {
      Page page = window.page();
      assertThat(page.locator("#ready")).hasText("ready");
      assertThat(page.locator("#upstream-list")).containsText("query-frontend");
      assertThat(page.locator("#watched")).containsText("clusterrolebindings");
      assertThat(page.locator("#caches tbody")).containsText("tokens");
      assertThat(page.locator("#budget-list tbody")).containsText("waiting bytes");
      assertThat(page.locator("#certificate-list tbody tr").first()).containsText("tls.crt");
      assertThat(page.locator("#tenants tbody")).containsText("payments");
      assertThat(page.locator("#legend")).containsText("showcase");
      assertThat(page.locator("#reload")).containsText("Loaded at the start");
      page.locator("#effective summary").click();
      assertThat(page.locator("#effective pre")).containsText("spansPerSecond: 14");
      page.locator("#chart-of").selectOption("limit");
      assertThat(page.locator("#chart"))
          .hasAttribute("aria-label", Pattern.compile("Share of the nearest limit.*payments.*%.*"));
      assertItKeptToItself(window);
    }
  }

  @Test
  void markupOfStrangersIsText() {
    String markup = "<img src=x onerror=\"document.title='hacked'\"><script>alert(1)</script>";
    try (Browser.Window window = open()) {
      Page page = window.page();
      page.locator("[name=target]").fill("/api/search?q=" + markup.replace(" ", "+"));
      page.locator("[name=as]").fill(markup);
      page.locator("[name=groups]").fill(markup);
      page.locator("[name=tenant]").fill("a");
      page.locator("#explain-form button").click();
      assertThat(page.locator(".steps")).containsText(markup);
      page.locator("[name=tenant]").fill(markup);
      page.locator("#explain-form button").click();
      assertThat(page.locator(".verdict")).containsText("refused");

      // as if the gateway itself said so
      page.evaluate(
          """
          async markup => {
            const refusals = await import('/assets/refusals.js');
            const traffic = await import('/assets/traffic.js');
            const state = await import('/assets/state.js');
            refusals.show({refusals: [{number: 'x' + markup, time: markup, request_id: markup, listener: markup,
                endpoint: markup, user: markup, tenant: markup, reason: markup, detail: markup}]});
            const tenant = {name: markup, requests: 1e9, refused: 1, limited: 1, bytes_in: 1, bytes_out: 1,
                in_progress: 1, limits: [{key: markup, used: 1, limit: 2}]};
            traffic.show({time: Date.now(), seconds: 1, requests: 1, bytes_in: 1, bytes_out: 1, limited: 0,
                in_progress: 1, refusals: {[markup]: 1}, tenants: [tenant], all_tenants: 1});
            state.certificates({certificates: [{used_by: markup, file: markup, expires: markup}]});
            state.upstreams({upstreams: [{name: markup, state: markup, connections: 1, retries: 0,
                connect_failures: 0, endpoints: [{endpoint: markup, usable: 1}]}]});
            state.status({version: markup, ready: false, reasons: [markup], warnings: [markup], busy: [markup],
                audit_only_listeners: 1, limits_audit_only: true, listeners: [markup]});
          }
          """,
          markup);

      assertThat(page.locator("#notices")).containsText(markup);
      assertThat(page.locator("main script, main img")).hasCount(0);
      assertThat(page).hasTitle("Scopegate console");
      assertItKeptToItself(window);
    }
  }

  @Test
  void isUsedByKeyboard() {
    try (Browser.Window window = open()) {
      Page page = window.page();
      page.keyboard().press("Tab");
      assertThat(page.locator(".skip")).isFocused();
      page.locator("[name=tenant]").focus();
      page.keyboard().type("showcase");
      page.keyboard().press("Enter");
      assertThat(page.locator(".verdict")).containsText("refused: unauthenticated");
      page.locator("#hold").focus();
      page.keyboard().press("Space");
      assertThat(page.locator("#hold")).hasAttribute("aria-pressed", "true");
      assertItKeptToItself(window);
    }
  }

  @ParameterizedTest
  @CsvSource({"1280, 900, LIGHT", "1280, 900, DARK", "390, 844, LIGHT", "390, 844, DARK"})
  void keepsNobodyOut(int width, int height, ColorScheme colors) {
    http.get(gateway.query("/api/search"), "x-scope-orgid", "showcase");
    try (Browser.Window window = open(width, height, colors)) {
      Page page = window.page();
      assertThat(page.locator("#refused tbody tr").first()).isVisible();
      page.locator("[name=as]").fill("payments/ingest");
      page.locator("[name=tenant]").fill("showcase");
      page.locator("#explain-form button").click();
      assertThat(page.locator(".steps .bad").first()).isVisible();
      page.locator("#effective summary").click();

      assertThat(window.barriers()).isEqualTo(List.of());
      assertThat(page.evaluate("document.querySelectorAll('pre[aria-label]:not([role])').length"))
          .as("texts with a name that no reader says: axe only sees those that are still empty")
          .isEqualTo(0);
      assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
          .as("nothing is wider than the window")
          .isEqualTo(true);
      assertItKeptToItself(window);
    }
  }

  @Test
  void followsTheGatewayThroughItsEndAndItsStart() {
    int console = FreePorts.next();
    GatewayRun first = setup(console).start("console-first");
    try (Browser.Window window = browser.open(1280, 900, ColorScheme.LIGHT)) {
      Page page = window.page();
      page.navigate("http://127.0.0.1:" + console + "/");
      assertThat(page.locator("#live")).hasText("live");

      first.process().terminate();
      assertThat(page.locator("#ready")).hasText("draining");
      assertThat(page.locator("#notices")).containsText("draining");
      assertThat(first.process().awaitEnd(PATIENCE)).isZero();
      page.locator("#notices").getByText("does not answer").waitFor();

      try (GatewayRun second = setup(console).start("console-second")) {
        assertThat(page.locator("#live")).hasText("live");
        assertThat(page.locator("#ready")).hasText("ready");
        assertThat(page.locator("#notices > *")).hasCount(0);
        assertThat(second.process().isAlive()).isTrue();
      }
    } finally {
      first.close();
    }
  }

  // ---- the pictures of the guide

  @Test
  void takesThePicturesOfTheGuide() {
    Assumptions.assumeTrue(
        Boolean.getBoolean("scopegate.docs.write"), "without -Dscopegate.docs.write=true");
    cluster.account("orders", "grafana");
    try (Browser.Window light = open(1180, 900, ColorScheme.LIGHT);
        Browser.Window dark = open(1180, 900, ColorScheme.DARK);
        Browser.Window phone = open(390, 844, ColorScheme.LIGHT)) {
      Until.passed(Duration.ofSeconds(50));
      read("orders", cluster.token("orders", "grafana"));
      read("payments", cluster.token("showcase", "query"));
      for (Browser.Window window : List.of(light, dark, phone)) {
        refusal(window.page(), "orders").waitFor();
      }
      Pictures.take(light.page(), PICTURES.resolve("console-light.png"));
      Pictures.take(dark.page(), PICTURES.resolve("console-dark.png"));
      Pictures.take(phone.page(), PICTURES.resolve("console-phone.png"));
      refusal(light.page(), "orders").locator("button").click();
      light.page().locator(".verdict").waitFor();
      light.page().setViewportSize(1180, 1800); // so that all of it is below the navigation
      Pictures.take(light.page().locator("#explain"), PICTURES.resolve("console-explain.png"));
    }
  }
}
