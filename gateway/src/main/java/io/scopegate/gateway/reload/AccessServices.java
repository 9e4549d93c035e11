package io.scopegate.gateway.reload;

import io.scopegate.authz.Authorizer;
import io.scopegate.authz.ClusterChanges;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.RightsChange;
import io.scopegate.authz.decision.StaticTokens;
import io.scopegate.authz.decision.SubjectAccessReviewAuthorizer;
import io.scopegate.authz.decision.TokenAuthenticator;
import io.scopegate.authz.kubernetes.ClusterAccessException;
import io.scopegate.authz.kubernetes.KubernetesApi;
import io.scopegate.config.FileWatcher;
import io.scopegate.gateway.access.AccessConfig;
import io.scopegate.gateway.access.PolicyAccess;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.telemetry.KubernetesMeters;
import io.scopegate.gateway.telemetry.Telemetry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What authenticates and authorizes: the client of the API server, the issuers' keys, the static
 * tokens, and the caches in front of them. The caches are keyed by user and resource attributes,
 * not by configuration, so they outlive a reload.
 */
public final class AccessServices {
  private final @Nullable KubernetesApi api;
  private final ReloadableFile<StaticTokens> statics;
  private final TokenAuthenticator authenticator;
  private final Authorizer authorizer;
  private final InstantSource clock;

  private AccessServices(
      @Nullable KubernetesApi api,
      ReloadableFile<StaticTokens> statics,
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
   * Reads the static tokens, makes the client of the API server unless it is never asked, and
   * begins to read the issuers' keys.
   *
   * @return fails with an {@link IOException} when the API server's address is unknown, or the
   *     static tokens cannot be read
   */
  public static Future<AccessServices> connect(
      Vertx vertx, GatewayConfig config, FileWatcher files, Telemetry telemetry) {
    InstantSource clock = InstantSource.system();
    Path file = config.authentication().staticTokens();
    return vertx
        .executeBlocking(() -> staticTokens(file, clock, files, telemetry), false)
        .map(Objects::requireNonNull)
        .compose(statics -> connect(vertx, statics, config, clock, telemetry.kubernetes()));
  }

  private static Future<AccessServices> connect(
      Vertx vertx,
      ReloadableFile<StaticTokens> statics,
      GatewayConfig config,
      InstantSource clock,
      KubernetesMeters meters) {
    KubernetesConfig kubernetes = config.authentication().kubernetes();
    if (kubernetes.mode() == KubernetesConfig.Mode.OFF) {
      return Future.succeededFuture(of(vertx, null, statics, config, clock, meters));
    }
    return KubernetesApi.connect(vertx, kubernetes, clock, meters)
        .map(api -> of(vertx, api, statics, config, clock, meters))
        .onFailure(e -> statics.close())
        .recover(e -> Future.failedFuture(named(e)));
  }

  private static ReloadableFile<StaticTokens> staticTokens(
      @Nullable Path file, InstantSource clock, FileWatcher files, Telemetry telemetry)
      throws IOException {
    return file == null
        ? ReloadableFile.of(
            "", List.of(), files, good -> {}, () -> StaticTokens.none(clock), tokens -> {})
        : ReloadableFile.of(
            "authentication.staticTokens",
            Telemetry.Reload.TOKENS,
            List.of(file),
            files,
            telemetry,
            () -> StaticTokens.of(file, clock),
            tokens -> tokens.reread(file));
  }

  /** A key that is named already is not named twice. */
  private static Throwable named(Throwable e) {
    if (!(e instanceof ClusterAccessException)) {
      return e;
    }
    String message = String.valueOf(e.getMessage());
    boolean isNamed = message.startsWith("authentication.kubernetes.");
    return new IOException(isNamed ? message : "authentication.kubernetes: " + message, e);
  }

  private static AccessServices of(
      Vertx vertx,
      @Nullable KubernetesApi api,
      ReloadableFile<StaticTokens> statics,
      GatewayConfig config,
      InstantSource clock,
      KubernetesMeters meters) {
    TokenAuthenticator authenticator =
        TokenAuthenticator.start(
            vertx,
            config.authentication(),
            api,
            statics.value(),
            config.tenancy().claim(),
            clock,
            meters);
    if (api == null) {
      meters.caches(authenticator::size, () -> 0);
      return new AccessServices(null, statics, authenticator, new WithoutKubernetes(), clock);
    }
    SubjectAccessReviewAuthorizer authorizer =
        new SubjectAccessReviewAuthorizer(
            api, config.authorization().decisionCache(), clock, meters);
    meters.caches(authenticator::size, authorizer::size);
    if (config.authorization().watchRbac()) {
      boolean secrets = config.authentication().kubernetes().watchSecrets();
      api.watch(secrets, new Told(authenticator, authorizer));
    }
    return new AccessServices(api, statics, authenticator, authorizer, clock);
  }

  /**
   * Decides as a configuration says.
   *
   * @param inForce what re-checks of requests that outlive their decision go by
   */
  public PolicyAccess access(GatewayConfig config, Supplier<PolicyAccess> inForce) {
    return new PolicyAccess(
        authenticator,
        authorizer,
        new AccessConfig(
            config.authentication().basicPassword(), config.tenancy(), config.authorization()),
        clock,
        inForce);
  }

  /** Has Services followed by the client of the API server; without one it does nothing. */
  public void serve(ClusterServices services) {
    if (api != null) {
      services.connected(api::follow);
    }
  }

  /** As {@link KubernetesApi#probe()}; without Kubernetes there is no problem with it. */
  public Future<String> probe() {
    return api == null ? Future.succeededFuture("") : api.probe();
  }

  /** As {@link TokenAuthenticator#keysRead()}. */
  public Future<Void> keysRead() {
    return authenticator.keysRead();
  }

  /** As {@link KubernetesApi#close()}. */
  public Future<Void> close() {
    statics.close();
    authenticator.close();
    return api == null ? Future.succeededFuture() : api.close();
  }

  /** Passes changes that the watch reports on to the caches. */
  private record Told(TokenAuthenticator authenticator, SubjectAccessReviewAuthorizer authorizer)
      implements ClusterChanges {
    @Override
    public void rightsChanged(RightsChange change) {
      authorizer.rightsChanged(change);
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
