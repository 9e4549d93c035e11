package io.scopegate.authz.kubernetes;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.extension.ResponseDefinitionTransformerV2;
import com.github.tomakehurst.wiremock.http.ResponseDefinition;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import io.scopegate.config.Secret;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** An API server in clear text, a WireMock, that does what a test says with the next request. */
public final class ScriptedApiServer implements AutoCloseable {
  /** More than any test has in flight, so that none waits for a thread. */
  private static final int THREADS = 150;

  /** Longer than any deadline of a test. */
  private static final int FOR_EVER_MILLIS = 60_000;

  /** What arrived. */
  public record Asked(String path, String authorization, String accept, JsonObject body) {}

  public final List<Asked> asked = new CopyOnWriteArrayList<>();
  final AtomicReference<String> token = new AtomicReference<>("own-token");
  private final WireMockServer server;
  private volatile Function<Asked, ResponseDefinitionBuilder> script = asked -> hanging();

  public ScriptedApiServer() {
    server =
        new WireMockServer(
            wireMockConfig()
                .dynamicPort()
                .bindAddress("127.0.0.1")
                .containerThreads(THREADS)
                .disableRequestJournal()
                .extensions(new Script()));
    server.start();
    server.stubFor(any(anyUrl()).willReturn(aResponse()));
  }

  /** Asks the script, on the thread of the request. */
  private final class Script implements ResponseDefinitionTransformerV2 {
    @Override
    public ResponseDefinition transform(ServeEvent event) {
      Asked one =
          new Asked(
              event.getRequest().getUrl(),
              header(event, "authorization"),
              header(event, "accept"),
              body(event.getRequest().getBodyAsString()));
      asked.add(one);
      return script.apply(one).build();
    }

    private static String header(ServeEvent event, String name) {
      return Objects.requireNonNullElse(event.getRequest().getHeader(name), "");
    }

    private static JsonObject body(String text) {
      return text.isEmpty() ? new JsonObject() : new JsonObject(text);
    }

    @Override
    public String getName() {
      return "script";
    }
  }

  /** Answers as a function says, which may block. */
  public void script(Function<Asked, ResponseDefinitionBuilder> next) {
    script = next;
  }

  /** Gives the same answer from now on. */
  public void answers(ResponseDefinitionBuilder answer) {
    script = ignored -> answer;
  }

  public void answers(int code, String body) {
    answers(answer(code, body));
  }

  public void answers(JsonObject status) {
    answers(201, new JsonObject().put("status", status).encode());
  }

  /** Takes requests, and says nothing. */
  public void hangs() {
    answers(hanging());
  }

  public static ResponseDefinitionBuilder answer(int code, String body) {
    return aResponse().withStatus(code).withBody(body);
  }

  private static ResponseDefinitionBuilder hanging() {
    return aResponse().withFixedDelay(FOR_EVER_MILLIS);
  }

  /** Sends its answer so slowly that it does not come to its end. */
  static ResponseDefinitionBuilder trickling(String body) {
    return answer(201, body).withChunkedDribbleDelay(2, FOR_EVER_MILLIS);
  }

  public ClusterAccess access() {
    return () ->
        new Cluster(
            URI.create("http://127.0.0.1:" + server.port()),
            null,
            false,
            null,
            Secret.parse(token.get()));
  }

  @Override
  public void close() {
    server.stop();
  }
}
