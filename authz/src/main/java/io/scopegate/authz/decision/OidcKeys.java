package io.scopegate.authz.decision;

import io.scopegate.authz.OidcConfig;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The keys of an OpenID Connect issuer: its <a
 * href="https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig">document</a>,
 * which must name the very issuer that is configured, and the keys where that says. Each within ten
 * seconds and 256 KiB, over TLS, without following redirects.
 */
final class OidcKeys implements KeySource {
  private static final String DISCOVERY = "/.well-known/openid-configuration";
  private static final int MAX_BYTES = 256 * 1024;
  private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(10).toMillis();

  private final Vertx vertx;
  private final OidcConfig config;
  private final int timeoutMillis;
  private final HttpClient client;

  OidcKeys(Vertx vertx, OidcConfig config) {
    this(vertx, config, TIMEOUT_MILLIS);
  }

  OidcKeys(Vertx vertx, OidcConfig config, int timeoutMillis) {
    this.vertx = vertx;
    this.timeoutMillis = timeoutMillis;
    this.config = config;
    // Minutes lie between two reads: a connection that was kept would often be one just closed.
    HttpClientOptions options =
        new HttpClientOptions().setConnectTimeout(timeoutMillis).setKeepAlive(false);
    Path caFile = config.caFile();
    if (caFile != null) {
      options.setTrustOptions(new PemTrustOptions().addCertPath(caFile.toString()));
    }
    this.client = vertx.createHttpClient(options);
  }

  @Override
  public String name() {
    return config.issuer();
  }

  /** Ends its connections. */
  void close() {
    client.close();
  }

  @Override
  public Future<IssuerKeys> fetch() {
    String issuer = config.issuer();
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    return read(base + DISCOVERY)
        .compose(document -> read(keysUrl(document)))
        .map(jwks -> keys(issuer, jwks))
        .recover(e -> Future.failedFuture(missing(e)));
  }

  private static KeysMissing missing(Throwable e) {
    return e instanceof KeysMissing missing
        ? missing
        : new KeysMissing("the issuer could not be asked: " + e, false);
  }

  /** Something of the issuer's is not as it must be; wrapped up until the end of the chain. */
  private static IllegalStateException wrong(String what) {
    return new IllegalStateException(what);
  }

  private String keysUrl(byte[] document) {
    Map<String, @Nullable Object> discovery;
    try {
      discovery = StrictJson.object(document);
    } catch (IOException e) {
      throw wrong("its openid-configuration is not JSON");
    }
    if (!config.issuer().equals(discovery.get("issuer"))) {
      throw wrong("its openid-configuration names another issuer");
    }
    if (discovery.get("jwks_uri") instanceof String url
        && OidcConfig.isUsableUrl(url)
        && (url.startsWith("https:") || config.issuer().startsWith("http:"))) {
      return url;
    }
    throw wrong("its openid-configuration has no jwks_uri that can be used (expected: https)");
  }

  private static IssuerKeys keys(String issuer, byte[] jwks) {
    try {
      return new IssuerKeys(issuer, VerificationKey.readSet(jwks));
    } catch (IOException e) {
      throw wrong("its keys could not be understood");
    }
  }

  /** Reads one document; the deadline is over all of it. */
  private Future<byte[]> read(String url) {
    Promise<byte[]> document = Promise.promise();
    AtomicReference<@Nullable HttpClientRequest> sent = new AtomicReference<>();
    long timer =
        vertx.setTimer(
            timeoutMillis,
            late -> {
              document.tryFail(wrong(url + ": no answer in time"));
              HttpClientRequest request = sent.get();
              if (request != null) {
                request.reset();
              }
            });
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setAbsoluteURI(url)
            .setConnectTimeout(timeoutMillis)
            .putHeader("accept", "application/json");
    client
        .request(options)
        .compose(request -> {
          sent.set(request);
          return request.send();
        })
        .compose(response -> body(url, response))
        .onComplete(document::tryComplete, document::tryFail);
    return document.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private static Future<byte[]> body(String url, HttpClientResponse response) {
    if (response.statusCode() != 200) {
      response.request().reset();
      return Future.failedFuture(wrong(url + ": " + response.statusCode() + " (expected: 200)"));
    }
    Promise<byte[]> body = Promise.promise();
    Buffer received = Buffer.buffer();
    response.handler(part -> {
      if (received.length() + part.length() > MAX_BYTES) {
        body.tryFail(wrong(url + ": longer than " + MAX_BYTES + " bytes"));
        response.request().reset();
      } else {
        received.appendBuffer(part);
      }
    });
    response.exceptionHandler(body::tryFail);
    response.endHandler(end -> body.tryComplete(received.getBytes()));
    return body.future();
  }
}
