package io.scopegate.authz.decision;

import io.scopegate.authz.http.HttpAnswer;
import io.scopegate.authz.kubernetes.ApiUnavailable;
import io.scopegate.authz.kubernetes.KubernetesApi;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The keys of service accounts' tokens, as the <a
 * href="https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery">API
 * server</a> shows them. The URL in its document is not followed: the API server itself has the
 * keys.
 */
final class ClusterKeys implements KeySource {
  private static final String DISCOVERY = "/.well-known/openid-configuration";
  private static final String JWKS = "/openid/v1/jwks";
  private static final Set<Integer> REFUSALS = Set.of(403, 404);

  private final Function<String, Future<HttpAnswer>> get;

  /**
   * Reads from an API server.
   *
   * @param get as {@link KubernetesApi#get}
   */
  ClusterKeys(Function<String, Future<HttpAnswer>> get) {
    this.get = get;
  }

  @Override
  public String name() {
    return "cluster";
  }

  @Override
  public Future<IssuerKeys> fetch() {
    return read(DISCOVERY).compose(document -> read(JWKS).compose(jwks -> keys(document, jwks)));
  }

  private Future<byte[]> read(String path) {
    return get.apply(path)
        .recover(e -> Future.failedFuture(missing(path, e)))
        .compose(answer ->
            answer.status() == 200
                ? Future.succeededFuture(answer.body().getBytes())
                : Future.failedFuture(missing(path, answer.status())));
  }

  private static KeysMissing missing(String path, Throwable e) {
    String what = path + ": " + e.getMessage();
    return e instanceof ApiUnavailable unavailable
        ? new KeysMissing(what, unavailable.refused(), true)
        : new KeysMissing(what, false);
  }

  private static KeysMissing missing(String path, int status) {
    return REFUSALS.contains(status)
        ? new KeysMissing(
            path
                + ": "
                + status
                + " (expected: 200; the ClusterRole system:service-account-issuer-discovery"
                + " allows it)",
            true)
        : new KeysMissing(path + ": " + status + " (expected: 200)", false);
  }

  private static Future<IssuerKeys> keys(byte[] document, byte[] jwks) {
    try {
      Map<String, @Nullable Object> discovery = StrictJson.object(document);
      if (discovery.get("issuer") instanceof String issuer && !issuer.isEmpty()) {
        return Future.succeededFuture(new IssuerKeys(issuer, VerificationKey.readSet(jwks)));
      }
      return Future.failedFuture(new KeysMissing(DISCOVERY + ": no issuer", false));
    } catch (IOException e) {
      return Future.failedFuture(
          new KeysMissing("the API server's keys could not be understood", false));
    }
  }
}
