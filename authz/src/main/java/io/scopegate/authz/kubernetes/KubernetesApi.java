package io.scopegate.authz.kubernetes;

import io.scopegate.authz.ClusterChanges;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.ReviewObserver.Kind;
import io.scopegate.authz.ReviewsConfig;
import io.scopegate.authz.http.HttpAnswer;
import io.scopegate.authz.http.HttpFailures;
import io.scopegate.authz.kubernetes.ApiAnswer.Problem;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Communication with the Kubernetes API server: reviews only, within a budget, a deadline and what
 * a {@link Circuit} lets through, over a connection that is replaced when it is half dead or when
 * the files behind it change.
 *
 * <p>Never fails and never blocks: what goes wrong is an answer without a status, and a line in the
 * log now and then.
 */
public final class KubernetesApi {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesApi.class);
  private static final int HTTP_TOO_MANY_REQUESTS = 429;
  private static final int HTTP_SERVER_ERROR = 500;

  /** Renewals are spread over this part of an answer's time. */
  private static final int SPREAD_PART = 10;

  private static final long REREAD_MILLIS = Duration.ofSeconds(10).toMillis();

  /** With less time left a review is not sent: it would only be cut off. */
  private static final long SHORTEST_MILLIS = 20;

  private final Vertx vertx;
  private final InstantSource clock;
  private final ReviewObserver observer;
  private final long timeoutMillis;
  private final int perUser;
  private final ReviewBudget budget;
  private final ApiLink link;
  private final ApiAnswers answers;
  private final AtomicReference<@Nullable ClusterWatch> watch = new AtomicReference<>();
  private final Set<ServiceWatch> services = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean wakeUpSet = new AtomicBoolean();
  private final AtomicLong rereadTimer = new AtomicLong(-1);
  private volatile boolean closed;

  KubernetesApi(
      Vertx vertx,
      ClusterAccess access,
      ReviewsConfig reviews,
      InstantSource clock,
      ReviewObserver observer)
      throws ClusterAccessException {
    this.vertx = vertx;
    this.clock = clock;
    this.observer = observer;
    this.timeoutMillis = reviews.timeout().toMillis();
    this.perUser = reviews.perUser();
    this.budget = new ReviewBudget(reviews, clock);
    this.link = new ApiLink(vertx, access, timeoutMillis, clock, observer);
    this.answers = new ApiAnswers(clock, link::cluster, LOG::warn);
  }

  /**
   * Reads how to reach the API server and makes the client, off the event loop. Nothing is sent
   * yet.
   *
   * @return completes when reviews can be asked; fails with {@link ClusterAccessException} when the
   *     API server's address is unknown
   */
  public static Future<KubernetesApi> connect(
      Vertx vertx, KubernetesConfig config, InstantSource clock, ReviewObserver observer) {
    ClusterAccess access = ClusterAccess.of(config.kubeconfig(), Map.copyOf(System.getenv()));
    return connect(vertx, access, config.reviews(), clock, observer);
  }

  public static Future<KubernetesApi> connect(
      Vertx vertx,
      ClusterAccess access,
      ReviewsConfig reviews,
      InstantSource clock,
      ReviewObserver observer) {
    return vertx
        .executeBlocking(() -> new KubernetesApi(vertx, access, reviews, clock, observer), false)
        .map(api -> Objects.requireNonNull(api).follow());
  }

  private KubernetesApi follow() {
    rereadTimer.set(vertx.setPeriodic(REREAD_MILLIS, ignored -> link.reread()));
    return this;
  }

  /** What the caches ask. */
  public Reviewer reviewer() {
    return new Asking();
  }

  /** How many access reviews of one user may wait or be in flight. */
  public int perUser() {
    return perUser;
  }

  /**
   * Asks both kinds of review once, about a token and a user that nobody has: shows that the API
   * server answers and that the gateway may ask it. For readiness at start.
   *
   * @return completes with an empty text when all is well, else with what is wrong; never fails
   */
  public Future<String> probe() {
    Future<ApiAnswer> token =
        review(
            Kind.TOKEN, ReviewPriority.KNOWN, () -> TokenReviews.request("scopegate-probe", null));
    Future<ApiAnswer> access =
        review(Kind.ACCESS, ReviewPriority.KNOWN, SubjectAccessReviews::probe);
    return Future.join(token, access)
        .map(both ->
            token.result().problem().isEmpty()
                ? access.result().problem()
                : token.result().problem());
  }

  /**
   * Asks for a review.
   *
   * @param body makes the request when its turn has come
   * @return completes on any thread; never fails
   */
  public Future<ApiAnswer> review(Kind kind, ReviewPriority lane, Supplier<JsonObject> body) {
    return review(kind, lane, 0, body);
  }

  private Future<ApiAnswer> review(
      Kind kind, ReviewPriority lane, long waitedMillis, Supplier<JsonObject> body) {
    observer.asked(kind);
    if (closed) {
      return Future.succeededFuture(ApiAnswer.none(Problem.CLOSED));
    }
    long leftMillis = timeoutMillis - Math.max(0, waitedMillis);
    if (leftMillis < SHORTEST_MILLIS && waitedMillis > 0) {
      return Future.succeededFuture(answers.timeout(true));
    }
    Call call = new Call(kind, lane, leftMillis, body);
    if (!budget.offer(lane, call, clock.millis() + leftMillis)) {
      answers.tooMany();
      return Future.succeededFuture(ApiAnswer.none(Problem.BUSY));
    }
    call.watch();
    turn();
    return call.answer.future();
  }

  /** While nothing else can show that the API server is back, a question of our own does. */
  private void probeIfWanted() {
    if (!closed && budget.wantsProbe()) {
      Call call =
          new Call(Kind.ACCESS, ReviewPriority.KNOWN, timeoutMillis, SubjectAccessReviews::probe);
      if (budget.offer(ReviewPriority.KNOWN, call, clock.millis() + timeoutMillis)) {
        call.watch();
      }
    }
  }

  private void answered(HttpAnswer answer) {
    if (answer.status() >= HTTP_SERVER_ERROR) {
      failed(false);
    } else if (answer.status() == HTTP_TOO_MANY_REQUESTS ? budget.throttled() : budget.answered()) {
      LOG.info("The API server answers again: sending reviews, few at first");
      observer.circuit(false);
    }
  }

  private void failed(boolean timeout) {
    if (budget.failed(timeout)) {
      LOG.warn(
          "The API server does not answer reviews: it is now probed once a second, cached answers"
              + " are used for staleIfError, and new reviews wait for reviews.timeout");
      observer.circuit(true);
    }
  }

  /**
   * Reads one document, outside the budget of reviews: for the few that are read now and then.
   *
   * @param path from the root, for example {@code /openid/v1/jwks}
   * @return completes on any thread with the whole answer, whatever its status; fails when there is
   *     none within a review's time, and with an {@link ApiUnavailable} when the log says why
   */
  public Future<HttpAnswer> get(String path) {
    if (closed) {
      return Future.failedFuture(Problem.CLOSED.words());
    }
    Promise<HttpAnswer> answer = Promise.promise();
    ApiConnection.Exchange running = link.get(path, timeoutMillis);
    long timer =
        vertx.setTimer(
            timeoutMillis,
            late -> {
              if (answer.tryFail(new ApiUnavailable(answers.timeout(false).problem(), false))) {
                running.cancel();
              }
            });
    running.whenAnswered((received, failure) -> {
      vertx.cancelTimer(timer);
      if (received == null) {
        answer.tryFail(
            new ApiUnavailable(
                failure == null || HttpFailures.isTimeout(failure)
                    ? answers.timeout(false).problem()
                    : answers.failure(failure).problem(),
                false));
      } else if (answers.isUnauthenticated(path, received)) {
        link.refused();
        answer.tryFail(new ApiUnavailable(Problem.REFUSED.words(), true));
      } else {
        answer.tryComplete(received);
      }
    });
    return answer.future();
  }

  /**
   * Follows RBAC objects, service accounts and Pods until this is closed, as far as the gateway has
   * the right to. Called once; returns at once, and nothing else waits for it.
   *
   * @param secrets whether Secrets are followed too
   * @param changes hears of every change
   */
  public void watch(boolean secrets, ClusterChanges changes) {
    watch.set(new ClusterWatch(vertx, link, secrets, changes, clock, observer).start());
  }

  /**
   * Follows the servers of a Service, as far as the gateway has the right to, until this or what is
   * returned is closed. Returns at once, and never gives up.
   *
   * @param listener hears of every change
   * @return ends it
   */
  public Runnable follow(ServicePort service, ServiceListener listener) {
    ServiceWatch following = new ServiceWatch(vertx, link, service, listener, clock, observer);
    services.add(following);
    following.start();
    return () -> {
      services.remove(following);
      following.close();
    };
  }

  /**
   * Ends the connection; reviews on their way are not decided.
   *
   * @return completes when it has ended
   */
  public Future<Void> close() {
    closed = true;
    vertx.cancelTimer(rereadTimer.getAndSet(-1));
    ClusterWatch watching = watch.getAndSet(null);
    if (watching != null) {
      watching.close();
    }
    services.forEach(ServiceWatch::close);
    return link.close();
  }

  private void turn() {
    probeIfWanted();
    long wait = budget.turn();
    observer.waiting(budget.waiting());
    if (wait >= 0 && wakeUpSet.compareAndSet(false, true)) {
      vertx.setTimer(
          wait,
          ignored -> {
            wakeUpSet.set(false);
            turn();
          });
    }
  }

  /** What the caches use to ask for reviews. */
  private final class Asking implements Reviewer {
    @Override
    public Future<ApiAnswer> review(Kind kind, ReviewPriority lane, Supplier<JsonObject> body) {
      return KubernetesApi.this.review(kind, lane, body);
    }

    @Override
    public Future<ApiAnswer> review(
        Kind kind, ReviewPriority lane, long waitedMillis, Supplier<JsonObject> body) {
      return KubernetesApi.this.review(kind, lane, waitedMillis, body);
    }

    @Override
    public boolean isDown() {
      return budget.isOpen();
    }

    @Override
    public void later(long millis, Runnable task) {
      vertx.setTimer(millis, ignored -> task.run());
    }

    @Override
    public long earlierMillis(long ttlMillis) {
      return ThreadLocalRandom.current().nextLong(ttlMillis / SPREAD_PART + 1);
    }
  }

  /** One review from the queue to its answer. The first that takes {@code open} ends it. */
  private final class Call implements Runnable {
    private final Kind kind;
    private final ReviewPriority lane;
    private final Supplier<JsonObject> body;
    private final Promise<ApiAnswer> answer = Promise.promise();
    private final AtomicBoolean open = new AtomicBoolean(true);
    private final long patienceMillis;
    private final long deadlineNanos;
    private volatile long timer = -1;
    private volatile boolean hasMostOfItsTime;
    private volatile ApiConnection.@Nullable Exchange exchange;

    Call(Kind kind, ReviewPriority lane, long patienceMillis, Supplier<JsonObject> body) {
      this.kind = kind;
      this.lane = lane;
      this.patienceMillis = patienceMillis;
      this.deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
      this.body = body;
    }

    void watch() {
      timer = vertx.setTimer(patienceMillis, ignored -> expire());
    }

    /** Sends; called when the budget allows it. */
    @Override
    public void run() {
      long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
      if (left < SHORTEST_MILLIS) {
        vertx.runOnContext(ignored -> expire());
        return;
      }
      hasMostOfItsTime = left >= timeoutMillis / 2;
      ApiConnection.Exchange running;
      try {
        running = link.post(path(), body.get().toBuffer().getBytes(), left);
      } catch (RuntimeException e) {
        // Later, because the end of one call starts the next: a row of failures must not nest.
        vertx.runOnContext(ignored -> end(answers.failure(e)));
        return;
      }
      exchange = running;
      running.whenAnswered(this::received);
      if (!open.get()) {
        running.cancel();
      }
    }

    private String path() {
      return kind == Kind.TOKEN ? TokenReviews.PATH : SubjectAccessReviews.PATH;
    }

    private void received(@Nullable HttpAnswer received, @Nullable Throwable failure) {
      if (received != null) {
        alive();
        answered(received);
        budget.pauseUntil(answers.pauseUntilMillis(received));
        end(answers.read(kind, received));
        if (received.status() == 401) {
          link.refused();
        }
      } else if (failure == null || HttpFailures.isTimeout(failure)) {
        expire();
      } else {
        lost();
        end(answers.failure(failure));
      }
    }

    private void lost() {
      if (open.get()) {
        failed(false);
      }
    }

    private void alive() {
      ApiConnection.Exchange running = exchange;
      if (running != null) {
        running.connection().alive();
      }
    }

    private void expire() {
      boolean waited = budget.withdraw(lane, this);
      if (!open.compareAndSet(true, false)) {
        return;
      }
      if (!waited) {
        budget.release(lane);
        ApiConnection.Exchange running = exchange;
        if (running != null) {
          link.timedOut(running.connection());
          running.cancel();
        }
        // What was sent late says little about the API server.
        if (hasMostOfItsTime) {
          failed(true);
        }
      }
      finish(answers.timeout(waited));
    }

    private void end(ApiAnswer result) {
      if (open.compareAndSet(true, false)) {
        budget.release(lane);
        finish(result);
      }
    }

    private void finish(ApiAnswer result) {
      vertx.cancelTimer(timer);
      answer.complete(result);
      turn();
    }
  }
}
