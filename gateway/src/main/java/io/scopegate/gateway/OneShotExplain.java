package io.scopegate.gateway;

import io.scopegate.authz.User;
import io.scopegate.config.FileWatcher;
import io.scopegate.gateway.access.PolicyAccess;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.explain.ExplainRequest;
import io.scopegate.gateway.explain.Explainer;
import io.scopegate.gateway.explain.Explanation;
import io.scopegate.gateway.explain.MatchedListener;
import io.scopegate.gateway.limit.Limits;
import io.scopegate.gateway.reload.AccessServices;
import io.scopegate.gateway.reload.LiveConsole;
import io.scopegate.gateway.reload.StartingAccess;
import io.scopegate.gateway.telemetry.Telemetry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Explains one request with the parts that {@link Gateway} is made of, without its ports: nothing
 * listens and nothing is forwarded.
 */
public final class OneShotExplain {
  private final GatewayConfig config;
  private final Explainer explainer;
  private final ExplainRequest inquiry;
  private final Duration timeout;

  private OneShotExplain(GatewayConfig config, ExplainRequest inquiry, Duration timeout)
      throws IOException {
    this.config = config;
    Limits limits = Limits.of(config.limits(), config.tenancy().ids());
    this.explainer = LiveConsole.explainer(config, limits::forTenant);
    this.inquiry = inquiry;
    this.timeout = timeout;
  }

  /**
   * Explains a request. Blocks until all reviews have been answered.
   *
   * @param config a valid configuration, as {@link GatewayConfig#effective()} gives it
   * @param timeout how long that may take; then it is undecided
   * @throws IllegalArgumentException when there is no such listener, or when several serve it
   * @throws IOException when the address of the Kubernetes API is unknown
   */
  public static Explanation once(GatewayConfig config, ExplainRequest inquiry, Duration timeout)
      throws IOException {
    return new OneShotExplain(config, inquiry, timeout).run();
  }

  private Explanation run() throws IOException {
    MatchedListener place = explainer.place(inquiry);
    Vertx vertx = Vertx.vertx(Gateway.withoutFiles().setEventLoopPoolSize(1));
    try (Telemetry telemetry = new Telemetry(null, 1, "")) {
      return await(place.isUndecided() ? ask(vertx, telemetry, place) : decided(place));
    } finally {
      await(vertx.close());
    }
  }

  /** A request that its head alone decides needs no review. */
  private Future<Explanation> decided(MatchedListener place) {
    return explainer.explain(inquiry, place, StartingAccess.INSTANCE);
  }

  private Future<Explanation> ask(Vertx vertx, Telemetry telemetry, MatchedListener place) {
    return AccessServices.connect(vertx, config, new FileWatcher(), telemetry)
        .compose(deciders ->
            deciders
                .keysRead()
                .compose(read -> decide(vertx, deciders, place))
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .recover(e -> late(e, place))
                .eventually(deciders::close));
  }

  /** On an event loop, as everything that decides wants it. */
  private Future<Explanation> decide(Vertx vertx, AccessServices deciders, MatchedListener place) {
    Promise<Explanation> explained = Promise.promise();
    vertx.runOnContext(
        v -> explainer.explain(inquiry, place, access(deciders)).onComplete(explained));
    return explained.future();
  }

  private PolicyAccess access(AccessServices deciders) {
    PolicyAccess access = deciders.access(config, OneShotExplain::noRecheck);
    User as = inquiry.as();
    return as == null ? access : access.as(as);
  }

  private static PolicyAccess noRecheck() {
    throw new IllegalStateException("recheck: unexpected (expected: an explanation, which ends)");
  }

  private Future<Explanation> late(Throwable e, MatchedListener place) {
    return e instanceof TimeoutException
        ? Future.succeededFuture(
            explainer.undecided(
                inquiry, place, "explain: no answer within " + timeout.toMillis() + " ms"))
        : Future.failedFuture(e);
  }

  private static <T> T await(Future<T> future) throws IOException {
    try {
      return future.toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException cannot) {
        throw cannot;
      }
      throw e;
    }
  }
}
