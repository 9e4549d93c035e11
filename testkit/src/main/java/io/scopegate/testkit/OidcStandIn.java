package io.scopegate.testkit;

import io.scopegate.testkit.kubernetes.TokenIssuer;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An OpenID Connect issuer on loopback: its discovery document and its keys over TLS, and tokens
 * that they sign. Every method may be called from any thread.
 */
public final class OidcStandIn implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final TestCa ca = TestCa.create();
  private final Faults<Document> faults = new Faults<>(Document.class);
  private final FaultyServer faulty = new FaultyServer(vertx);
  private final AtomicInteger keyReads = new AtomicInteger();
  private final HttpServer server;
  private volatile JsonObject discovery;
  private volatile JsonObject keys;
  private volatile TokenIssuer signer;

  /** What is read from an issuer. */
  public enum Document {
    /** {@code /.well-known/openid-configuration}. */
    DISCOVERY,
    /** The keys. */
    KEYS
  }

  private OidcStandIn() {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            .setSsl(true)
            .setKeyCertOptions(ca.server().keyCertOptions());
    this.server =
        Await.result(vertx.createHttpServer(options).requestHandler(this::handle).listen(0));
    this.signer = new TokenIssuer(issuer());
    this.keys = signer.jwks();
    this.discovery = new JsonObject().put("issuer", issuer()).put("jwks_uri", issuer() + "/keys");
  }

  /** Starts on a free port; it accepts connections when this returns. */
  public static OidcStandIn start() {
    return new OidcStandIn();
  }

  /** Its URL, which is the {@code iss} of its tokens. */
  public String issuer() {
    return "https://127.0.0.1:" + server.actualPort();
  }

  /** Who issued its certificate. */
  public TestCa ca() {
    return ca;
  }

  /** What goes wrong. */
  public Faults<Document> faults() {
    return faults;
  }

  /** How often its keys were asked for. */
  public int keyReads() {
    return keyReads.get();
  }

  /** Signs claims with the newest key; {@code iss} is added when it is missing. */
  public String sign(JsonObject claims) {
    return signer.sign(claims);
  }

  /** Signs with a new key from now on; the ones before are not shown any more. */
  public void rotate() {
    signer = new TokenIssuer(issuer());
    keys = signer.jwks();
  }

  /** Signs with a new key from now on; the ones before are still shown. */
  public void addKey() {
    signer = new TokenIssuer(issuer());
    JsonArray all = keys.getJsonArray("keys").copy();
    signer.jwks().getJsonArray("keys").forEach(all::add);
    keys = new JsonObject().put("keys", all);
  }

  /** Shows something else than its own discovery document. */
  public void showDiscovery(JsonObject document) {
    discovery = document;
  }

  /** Shows something else than its own keys. */
  public void showKeys(JsonObject document) {
    keys = document;
  }

  private void handle(HttpServerRequest request) {
    boolean isKeys = "/keys".equals(request.path());
    if (isKeys) {
      keyReads.incrementAndGet();
    }
    Fault fault = faults.next(isKeys ? Document.KEYS : Document.DISCOVERY);
    faulty.serve(fault, faults, request, () -> answer(request, isKeys));
  }

  private void answer(HttpServerRequest request, boolean isKeys) {
    boolean isDiscovery = "/.well-known/openid-configuration".equals(request.path());
    Buffer body = isKeys ? keys.toBuffer() : discovery.toBuffer();
    request
        .response()
        .setStatusCode(isKeys || isDiscovery ? 200 : 404)
        .putHeader("content-type", "application/json")
        .end(body);
  }

  @Override
  public void close() {
    faults.clear();
    Await.result(vertx.close());
  }
}
