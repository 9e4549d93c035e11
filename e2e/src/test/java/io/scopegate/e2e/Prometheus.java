package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.TestCa;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A real Prometheus that scrapes one gateway each second, and evaluates the rules as often. */
final class Prometheus implements AutoCloseable {
  /** What of the repository it is for. */
  static final Path FILES = Scratch.repository("deploy/monitoring");

  private final Http http = Http.one(TestCa.create());
  private final int port = FreePorts.next();
  private final Part process;

  /**
   * Starts it.
   *
   * @param features for {@code --enable-feature}
   */
  Prometheus(GatewayRun gateway, String features) {
    Path directory = Scratch.directory("prometheus");
    Path config =
        Scratch.write(
            directory.resolve("prometheus.yml"),
            """
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: ["%s"]
            scrape_configs:
              - job_name: scopegate
                static_configs: [{targets: ["127.0.0.1:%d"]}]
            """
                .formatted(FILES.resolve("rules.yaml"), gateway.ports().admin()));
    process =
        Part.start(
            "prometheus",
            directory,
            Map.of(),
            List.of(
                Parts.need("prometheus").toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--enable-feature=" + features,
                "--web.listen-address=127.0.0.1:" + port));
  }

  /** Whether it answers. */
  boolean isReady() {
    return http.get("http://127.0.0.1:" + port + "/-/ready").status() == 200;
  }

  /** What a query gives now: for each series its labels and a {@code value}. */
  JsonArray query(String expression) {
    return result(expression, "/query?query=" + encoded(expression));
  }

  /**
   * What a query gave: for each series its labels and {@code values}.
   *
   * @param step seconds between two values
   */
  JsonArray range(String expression, Instant from, Instant to, int step) {
    return result(
        expression,
        "/query_range?query=%s&start=%s&end=%s&step=%d"
            .formatted(encoded(expression), from, to, step));
  }

  /** The value of the first series; 0 without one. */
  double number(String expression) {
    JsonArray result = query(expression);
    return result.isEmpty()
        ? 0
        : Double.parseDouble(result.getJsonObject(0).getJsonArray("value").getString(1));
  }

  /** What it answers to a path below {@code /api/v1}. */
  String get(String path) {
    return http.get("http://127.0.0.1:" + port + "/api/v1" + path).text();
  }

  private JsonArray result(String expression, String path) {
    JsonObject answer = new JsonObject(get(path));
    assertThat(answer.getString("status")).as("%s: %s", expression, answer).isEqualTo("success");
    return answer.getJsonObject("data").getJsonArray("result");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    process.close();
  }

  @Override
  public String toString() {
    return process.toString();
  }
}
