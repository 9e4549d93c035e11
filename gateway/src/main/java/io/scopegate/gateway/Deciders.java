package io.scopegate.gateway;

import io.scopegate.authz.Authorizer;
import io.scopegate.authz.ClusterAccessException;
import io.scopegate.authz.KubernetesApi;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.StaticTokens;
import io.scopegate.authz.SubjectAccessReviewAuthorizer;
import io.scopegate.authz.TokenAuthenticator;
import io.scopegate.authz.TokenReviewAuthenticator;
import io.scopegate.config.FileWatcher;
import io.scopegate.gateway.access.Access;
import io.scopegate.gateway.access.AccessConfig;
import io.scopegate.gateway.access.DecidingAccess;
import io.scopegate.gateway.telemetry.Telemetry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is asked: the conversation with Kubernetes and the caches before it. They hold what a user
 * may by resource attributes, whatever the configuration makes of a request, so they outlive a
 * reload.
 */
final class Deciders {
  private final KubernetesApi api;
  private final TokenAuthenticator authenticator;
  private final Followed<StaticTokens> statics;
  private final Authorizer authorizer;
  private final InstantSource clock;

  private Deciders(
      KubernetesApi api,
      Followed<StaticTokens> statics,
      TokenAuthenticator authenticator,
      Authorizer authorizer,
      InstantSource clock) {
    this.api = api;
    this.statics = statics;
    this.authenticator = authenticator;
    this.authorizer = authorizer;
    this.clock = clock;
  }

  /**
   * Makes the client of the API server, reads the static tokens, and begins to read the issuers'
   * keys.
   *
   * @return fails with an {@link IOException} when it cannot be told where the API server is, or
   *     the static tokens cannot be read
   */
  static Future<Deciders> connect(
      Vertx vertx,
      GatewayConfig config,
      ReviewMetrics metrics,
      FileWatcher files,
      Telemetry telemetry) {
    KubernetesConfig kubernetes = config.authentication().kubernetes();
    InstantSource clock = InstantSource.system();
    Path file = config.authentication().staticTokens();
    return vertx
        .executeBlocking(() -> staticTokens(file, clock, files, telemetry), false)
        .compose(statics ->
            KubernetesApi.connect(vertx, kubernetes, clock, metrics)
                .map(api -> of(vertx, api, statics, config, clock, metrics))
                .recover(e -> Future.failedFuture(named(e))));
  }

  private static Followed<StaticTokens> staticTokens(
      @Nullable Path file, InstantSource clock, FileWatcher files, Telemetry telemetry)
      throws IOException {
    return file == null
        ? Followed.of("", List.of(), files, telemetry, () -> StaticTokens.none(clock), tokens -> {})
        : Followed.of(
            "authentication.staticTokens",
            Telemetry.Reload.TOKENS,
            List.of(file),
            files,
            telemetry,
            () -> StaticTokens.of(file, clock),
            tokens -> tokens.reread(file));
  }

  private static Throwable named(Throwable e) {
    return e instanceof ClusterAccessException
        ? new IOException("authentication.kubernetes: " + e.getMessage(), e)
        : e;
  }

  private static Deciders of(
      Vertx vertx,
      KubernetesApi api,
      Followed<StaticTokens> statics,
      GatewayConfig config,
      InstantSource clock,
      ReviewMetrics metrics) {
    KubernetesConfig kubernetes = config.authentication().kubernetes();
    TokenAuthenticator authenticator =
        TokenAuthenticator.start(
            vertx,
            config.authentication(),
            api,
            new TokenReviewAuthenticator(api, kubernetes, clock, metrics),
            statics.value(),
            null,
            clock,
            metrics);
    SubjectAccessReviewAuthorizer authorizer =
        new SubjectAccessReviewAuthorizer(
            api, config.authorization().decisionCache(), clock, metrics);
    metrics.caches(authenticator::size, authorizer::size);
    return new Deciders(api, statics, authenticator, authorizer, clock);
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
    statics.close();
    authenticator.close();
    return api.close();
  }
}
