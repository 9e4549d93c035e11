package io.scopegate.authz.decision;

import io.scopegate.authz.OidcConfig;
import io.scopegate.authz.http.EnvironmentProxy;
import io.scopegate.authz.http.HttpAnswer;
import io.scopegate.authz.http.HttpCall;
import io.scopegate.authz.http.HttpClients;
import io.scopegate.authz.http.HttpFailures;
import io.scopegate.authz.http.HttpThreads;
import io.scopegate.authz.http.HttpTrouble;
import io.scopegate.authz.http.TlsContext;
import io.scopegate.config.PemFiles;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The keys of an OpenID Connect issuer: its <a
 * href="https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig">document</a>,
 * which must name the very issuer that is configured, and the keys where that says. Each within ten
 * seconds and 256 KiB, over TLS, without following redirects, through the proxy of the environment.
 */
final class OidcKeys implements KeySource {
  private static final String DISCOVERY = "/.well-known/openid-configuration";
  private static final int MAX_BYTES = 256 * 1024;
  private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(10).toMillis();
  private static final int THREADS = 2;

  private final Vertx vertx;
  private final OidcConfig config;
  private final int timeoutMillis;
  private final Map<String, String> environment;
  private final ExecutorService threads = HttpThreads.create("issuer-keys", THREADS);

  OidcKeys(Vertx vertx, OidcConfig config) {
    this(vertx, config, TIMEOUT_MILLIS, Map.copyOf(System.getenv()));
  }

  OidcKeys(Vertx vertx, OidcConfig config, int timeoutMillis, Map<String, String> environment) {
    this.vertx = vertx;
    this.config = config;
    this.timeoutMillis = timeoutMillis;
    this.environment = environment;
  }

  @Override
  public String name() {
    return config.issuer();
  }

  /** Ends its threads; what is being read fails. */
  void close() {
    threads.shutdownNow();
  }

  /**
   * Reads the documents with a client for this time only: minutes lie between two, a connection
   * that was kept would often be one just closed, and the file of authorities may have changed.
   */
  @Override
  public Future<IssuerKeys> fetch() {
    return vertx
        .executeBlocking(this::client, false)
        .map(Objects::requireNonNull)
        .compose(client -> jwksUrl(client).compose(url -> read(client, url).map(this::keys)))
        .recover(e -> Future.failedFuture(missing(e)));
  }

  private Future<String> jwksUrl(HttpClient client) {
    String given = config.jwksUrl();
    if (given != null) {
      return Future.succeededFuture(given);
    }
    String url = documentUrl();
    return read(client, url).map(document -> keysUrl(url, document));
  }

  private String documentUrl() {
    String given = config.discoveryUrl();
    String issuer = config.issuer();
    return given != null
        ? given
        : (issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer) + DISCOVERY;
  }

  /** Whether the first thing that is read comes by TLS, and so must what follows. */
  private boolean encrypted() {
    String given = config.jwksUrl();
    return (given != null ? given : documentUrl()).startsWith("https:");
  }

  private HttpClient client() {
    try {
      Path caFile = config.caFile();
      return HttpClients.create(
          threads,
          Duration.ofMillis(timeoutMillis),
          encrypted(),
          TlsContext.trusting(caFile == null ? null : PemFiles.certificates(caFile), null),
          EnvironmentProxy.of(environment));
    } catch (IllegalArgumentException | GeneralSecurityException | IOException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private static KeysMissing missing(Throwable e) {
    return e instanceof KeysMissing missing
        ? missing
        : new KeysMissing("its keys could not be read: " + e.getMessage(), false);
  }

  /** A document of the issuer is invalid; unwrapped at the end of the chain. */
  private static IllegalStateException wrong(String what) {
    return new IllegalStateException(what);
  }

  private String keysUrl(String from, byte[] document) {
    Map<String, @Nullable Object> discovery;
    try {
      discovery = StrictJson.object(document);
    } catch (IOException e) {
      throw wrong(from + ": no JSON (expected: an OpenID Connect discovery document)");
    }
    Object issuer = discovery.get("issuer");
    if (!config.issuer().equals(issuer)) {
      throw wrong(
          from
              + " names another issuer: "
              + TokenCause.value(issuer)
              + " (expected: "
              + config.issuer()
              + ", as in authentication.oidc[].issuer; a slash at the end counts)");
    }
    if (discovery.get("jwks_uri") instanceof String url
        && OidcConfig.isKeysUrl(url)
        && (url.startsWith("https:") || from.startsWith("http:"))) {
      return url;
    }
    throw wrong(
        from
            + ": jwks_uri: "
            + TokenCause.value(discovery.get("jwks_uri"))
            + " (expected: a URL with https)");
  }

  private IssuerKeys keys(byte[] jwks) {
    try {
      return new IssuerKeys(config.issuer(), VerificationKey.readSet(jwks));
    } catch (IOException e) {
      throw wrong("what is there could not be understood (expected: a JSON Web Key Set)");
    }
  }

  /** Reads one document; the deadline is over all of it. */
  private Future<byte[]> read(HttpClient client, String url) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .header("Accept", "application/json")
            .header("User-Agent", "scopegate")
            .build();
    Promise<byte[]> document = Promise.promise();
    HttpCall call = HttpCall.send(client, request, MAX_BYTES);
    long timer =
        vertx.setTimer(
            timeoutMillis,
            late -> {
              document.tryFail(wrong(url + ": no answer in time"));
              call.cancel();
            });
    call.whenAnswered((answer, failure) -> {
      vertx.cancelTimer(timer);
      if (answer == null) {
        document.tryFail(wrong(url + ": " + reason(failure)));
      } else {
        complete(document, url, answer);
      }
    });
    return document.future();
  }

  private static String reason(@Nullable Throwable failure) {
    if (failure == null || HttpFailures.isTimeout(failure)) {
      return "no answer in time";
    }
    HttpTrouble trouble = HttpTrouble.of(failure);
    return trouble.words()
        + (trouble == HttpTrouble.UNTRUSTED ? " (see authentication.oidc[].caFile)" : "");
  }

  private static void complete(Promise<byte[]> document, String url, HttpAnswer answer) {
    if (answer.status() == 200) {
      document.tryComplete(answer.body().getBytes());
    } else {
      document.tryFail(wrong(url + ": HTTP " + answer.status() + " (expected: 200)"));
    }
  }
}
