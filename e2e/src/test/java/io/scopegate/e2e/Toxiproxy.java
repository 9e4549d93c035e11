package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.TestCa;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Toxiproxy: ports that lead to others, and what becomes of what passes there. */
final class Toxiproxy implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(30);

  private final Http http = Http.one(TestCa.create());
  private final int port = FreePorts.next();
  private final Part process;

  /** Starts it; without the part the test is skipped. */
  Toxiproxy() {
    process =
        Part.start(
            "toxiproxy",
            Scratch.directory("toxiproxy"),
            Map.of("LOG_LEVEL", "error"),
            List.of(
                Parts.need("toxiproxy").toString(),
                "-host",
                "127.0.0.1",
                "-port",
                Integer.toString(port)));
    Until.holds("toxiproxy answers", READY, () -> http.get(url("/version")).status() == 200);
  }

  /**
   * A port that leads to another one.
   *
   * @param name by which toxics are added to it
   */
  int lead(String name, int to) {
    int from = FreePorts.next();
    JsonObject proxy =
        new JsonObject()
            .put("name", name)
            .put("listen", "127.0.0.1:" + from)
            .put("upstream", "127.0.0.1:" + to)
            .put("enabled", true);
    assertThat(post("/proxies", proxy.encode())).isEqualTo(201);
    return from;
  }

  /**
   * Does something to what the server sends there.
   *
   * @param type of the toxic
   * @param attributes of the toxic, in JSON
   */
  void add(String name, String type, String attributes) {
    JsonObject toxic =
        new JsonObject()
            .put("type", type)
            .put("stream", "downstream")
            .put("attributes", new JsonObject(attributes));
    assertThat(post("/proxies/" + name + "/toxics", toxic.encode())).isEqualTo(200);
  }

  /** All is passed on as it comes. */
  void clear() {
    assertThat(post("/reset", "")).isEqualTo(204);
  }

  private int post(String path, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return http.post(url(path), bytes, "content-type", "application/json").status();
  }

  private String url(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  @Override
  public void close() {
    process.close();
  }
}
