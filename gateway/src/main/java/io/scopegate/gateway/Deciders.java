package io.scopegate.gateway;

import io.scopegate.authz.Authenticator;
import io.scopegate.authz.Authorizer;
import io.scopegate.authz.ClusterAccessException;
import io.scopegate.authz.ClusterChanges;
import io.scopegate.authz.KubernetesApi;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.SubjectAccessReviewAuthorizer;
import io.scopegate.authz.TokenReviewAuthenticator;
import io.scopegate.gateway.access.Access;
import io.scopegate.gateway.access.AccessConfig;
import io.scopegate.gateway.access.DecidingAccess;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Set;

/**
 * Who is asked: the conversation with Kubernetes and the caches before it. They hold what a user
 * may by resource attributes, whatever the configuration makes of a request, so they outlive a
 * reload.
 */
final class Deciders {
  private final KubernetesApi api;
  private final Authenticator authenticator;
  private final Authorizer authorizer;
  private final InstantSource clock;

  private Deciders(
      KubernetesApi api, Authenticator authenticator, Authorizer authorizer, InstantSource clock) {
    this.api = api;
    this.authenticator = authenticator;
    this.authorizer = authorizer;
    this.clock = clock;
  }

  /**
   * Makes the client of the API server; nothing is sent yet.
   *
   * @return fails with an {@link IOException} when it cannot be told where the API server is
   */
  static Future<Deciders> connect(Vertx vertx, GatewayConfig config, ReviewMetrics metrics) {
    KubernetesConfig kubernetes = config.authentication().kubernetes();
    InstantSource clock = InstantSource.system();
    return KubernetesApi.connect(vertx, kubernetes, clock, metrics)
        .map(api -> of(api, config, clock, metrics))
        .recover(e -> Future.failedFuture(named(e)));
  }

  private static Throwable named(Throwable e) {
    return e instanceof ClusterAccessException
        ? new IOException("authentication.kubernetes: " + e.getMessage(), e)
        : e;
  }

  private static Deciders of(
      KubernetesApi api, GatewayConfig config, InstantSource clock, ReviewMetrics metrics) {
    KubernetesConfig kubernetes = config.authentication().kubernetes();
    TokenReviewAuthenticator authenticator =
        new TokenReviewAuthenticator(api, kubernetes, clock, metrics);
    SubjectAccessReviewAuthorizer authorizer =
        new SubjectAccessReviewAuthorizer(
            api, config.authorization().decisionCache(), clock, metrics);
    metrics.caches(authenticator::size, authorizer::size);
    if (config.authorization().watchRbac()) {
      api.watch(kubernetes.watchSecrets(), new Told(authenticator, authorizer));
    }
    return new Deciders(api, authenticator, authorizer, clock);
  }

  /** Decides as a configuration says. */
  Access access(GatewayConfig config) {
    return new DecidingAccess(
        authenticator,
        authorizer,
        new AccessConfig(
            config.authentication().basicPassword(), config.tenancy(), config.authorization()),
        clock);
  }

  /** As {@link KubernetesApi#probe()}. */
  Future<String> probe() {
    return api.probe();
  }

  /** As {@link KubernetesApi#close()}. */
  Future<Void> close() {
    return api.close();
  }

  /** What the watch tells goes to whoever keeps answers of that kind. */
  private record Told(
      TokenReviewAuthenticator authenticator, SubjectAccessReviewAuthorizer authorizer)
      implements ClusterChanges {
    @Override
    public void rightsChanged(Set<String> users, Set<String> groups) {
      authorizer.rightsChanged(users, groups);
    }

    @Override
    public void gone(String uid) {
      authenticator.gone(uid);
    }

    @Override
    public void rightsFollowed() {
      authorizer.rightsFollowed();
    }

    @Override
    public void accountsFollowed() {
      authenticator.accountsFollowed();
    }
  }
}
