package io.scopegate.authz.decision;

import io.scopegate.authz.Authorization;
import io.scopegate.authz.Authorization.Decision;
import io.scopegate.authz.Authorization.Ground;
import io.scopegate.authz.Authorizer;
import io.scopegate.authz.ClusterChanges;
import io.scopegate.authz.DecisionCacheConfig;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.ReviewObserver.Kind;
import io.scopegate.authz.RightsChange;
import io.scopegate.authz.RightsChange.Effect;
import io.scopegate.authz.User;
import io.scopegate.authz.decision.AnswerCache.Kept;
import io.scopegate.authz.kubernetes.ApiAnswer;
import io.scopegate.authz.kubernetes.ApiAnswers;
import io.scopegate.authz.kubernetes.KubernetesApi;
import io.scopegate.authz.kubernetes.ReviewPriority;
import io.scopegate.authz.kubernetes.Reviewer;
import io.scopegate.authz.kubernetes.SubjectAccessReviews;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Authorizes users by SubjectAccessReview, and caches the answers. */
public final class SubjectAccessReviewAuthorizer implements Authorizer {
  /** How long an answer is kept that may be older than a very recent change. */
  private static final long UNSETTLED_MILLIS = 200;

  /**
   * The longer ago the change, the longer it is kept: a question is asked about five times, not
   * fifteen.
   */
  private static final int UNSETTLED_AGES = 4;

  private static final long LONGEST_UNSETTLED_MILLIS = 1_000;

  private final Reviewer reviewer;
  private final UserTurns turns;
  private final long allowedMillis;
  private final long deniedMillis;
  private final long staleMillis;
  private final InstantSource clock;
  private final ReviewObserver observer;
  private final ApiAnswers answers;

  private final AnswerCache<Question, Authorization> cache;
  private final SingleFlight<Question, Authorization> flights = new SingleFlight<>();
  private final DecidedQuestions decided = new DecidedQuestions();
  private final RecentChanges changes;

  /** With the cache's times of the configuration. */
  public SubjectAccessReviewAuthorizer(
      KubernetesApi api, DecisionCacheConfig config, InstantSource clock, ReviewObserver observer) {
    this(api.reviewer(), config, api.perUser(), clock, observer);
  }

  SubjectAccessReviewAuthorizer(
      Reviewer reviewer,
      DecisionCacheConfig config,
      int perUser,
      InstantSource clock,
      ReviewObserver observer) {
    this.reviewer = reviewer;
    this.turns = new UserTurns(perUser);
    this.allowedMillis = config.allowedTtl().toMillis();
    this.deniedMillis = config.deniedTtl().toMillis();
    this.staleMillis = config.staleIfError().toMillis();
    this.clock = clock;
    this.observer = observer;
    this.answers = new ApiAnswers(clock);
    long longest = Math.max(allowedMillis + staleMillis, deniedMillis);
    this.changes = new RecentChanges(clock);
    this.cache =
        new AnswerCache<>(
            config.maxEntries(), longest, clock, kept -> kept.ground().lease(), this::follow);
  }

  private void follow(Question question) {
    decided.update(question, cache::keeps);
  }

  /**
   * As {@link ClusterChanges#rightsChanged}: ends the decisions that it may have changed. Costs
   * nothing to others.
   */
  public void rightsChanged(RightsChange change) {
    // First, so that an answer on its way that is kept after the look below knows that it is old.
    changes.add(change);
    int ended = 0;
    for (Question question : decided.of(change.users(), change.groups())) {
      if (change.concerns(question.namespace()) && end(question, change.effect())) {
        ended++;
      }
    }
    if (ended > 0) {
      observer.ended(ended);
    }
  }

  private boolean end(Question question, Effect effect) {
    return switch (effect) {
      case TAKES -> cache.endYes(question);
      case GIVES -> cache.endNo(question);
    };
  }

  /**
   * As {@link ClusterChanges#rightsFollowed}: what was allowed before is asked about again within a
   * minute, not all at once.
   */
  public void rightsFollowed() {
    cache.shorten(new RenewalJitter(clock), Authorization::until);
  }

  @Override
  public @Nullable Authorization cached(User user, ResourceAttributes attributes) {
    return cached(new Question(user, attributes));
  }

  private @Nullable Authorization cached(Question question) {
    Kept<Authorization> kept = cache.fresh(question);
    if (kept != null) {
      observer.cached(Kind.ACCESS, kept.stale());
      return kept.answer();
    }
    Authorization stale =
        reviewer.isDown()
            ? serveStale(question)
            : cache.serveStaleAgain(question, Authorization::staleUntil);
    if (stale != null) {
      observer.cached(Kind.ACCESS, true);
      // Its answer will be found in the cache.
      flights.join(question, () -> ask(question));
    }
    return stale;
  }

  @Override
  public Future<Authorization> authorize(User user, ResourceAttributes attributes) {
    Question question = new Question(user, attributes);
    Authorization known = cached(question);
    return known != null
        ? Future.succeededFuture(known)
        : renewed(question, flights.join(question, () -> ask(question)));
  }

  /** A caller whose last yes may still be used does not wait long for the next. */
  private Future<Authorization> renewed(Question question, Future<Authorization> asked) {
    return cache.mayServeStale(question)
        ? StaleAfterDelay.with(reviewer, asked, () -> servedStale(question))
        : asked;
  }

  private @Nullable Authorization servedStale(Question question) {
    Authorization stale = serveStale(question);
    if (stale != null) {
      observer.cached(Kind.ACCESS, true);
    }
    return stale;
  }

  private @Nullable Authorization serveStale(Question question) {
    return cache.serveStale(question, Authorization::staleUntil);
  }

  private Future<Authorization> ask(Question question) {
    // Another flight may have landed between the look into the cache and this one's start.
    Kept<Authorization> landed = cache.fresh(question);
    if (landed != null && !landed.stale()) {
      return Future.succeededFuture(landed.answer());
    }
    return ask(question, true);
  }

  /**
   * Asks the API server.
   *
   * @param first whether an answer that may be older than a change is asked for once more
   */
  private Future<Authorization> ask(Question question, boolean first) {
    long start = System.nanoTime();
    long asked = changes.now();
    return review(question)
        .compose(answer -> {
          Settled settled = settle(question, answer, asked);
          observer.answered(Kind.ACCESS, settled.outcome(), System.nanoTime() - start);
          // After it was kept: a later change finds it and ends it.
          Effect effect = Effect.on(settled.answer().decision() == Decision.ALLOW);
          if (answer.status() == null || !since(asked, question, effect)) {
            return Future.succeededFuture(settled.answer());
          }
          end(question, effect);
          return first ? ask(question, false) : Future.succeededFuture(settled.answer());
        });
  }

  /**
   * A user who asks about one tenant after the other must not use up the others' reviews. But one
   * account may write to hundreds of tenants, and has to ask about them all when the gateway
   * starts.
   */
  private Future<ApiAnswer> review(Question question) {
    String user = question.user().name();
    long since = clock.millis();
    Promise<ApiAnswer> answer = Promise.promise();
    boolean taken =
        turns.run(
            user,
            () ->
                send(question, clock.millis() - since)
                    .onComplete(ended -> {
                      turns.ended(user);
                      answer.handle(ended);
                    }));
    if (!taken) {
      observer.asked(Kind.ACCESS);
      return Future.succeededFuture(answers.tooManyOfOneUser());
    }
    return answer.future();
  }

  private Future<ApiAnswer> send(Question question, long waitedMillis) {
    ReviewPriority lane = cache.wasYes(question) ? ReviewPriority.KNOWN : ReviewPriority.UNKNOWN;
    return reviewer.review(
        Kind.ACCESS,
        lane,
        waitedMillis,
        () -> SubjectAccessReviews.request(question.user(), question.attributes()));
  }

  private Settled settle(Question question, ApiAnswer answer, long asked) {
    JsonObject status = answer.status();
    if (status == null) {
      return withoutAnswer(question, answer.problem());
    }
    try {
      SubjectAccessReviews.Finding finding = SubjectAccessReviews.read(status);
      if (finding.undecided()) {
        return withoutAnswer(question, answers.unevaluated().problem());
      }
      long unsettled = unsettledMillis(question, asked, Effect.on(finding.allowed()));
      return finding.allowed()
          ? allow(question, finding.reason(), unsettled)
          : deny(question, finding.reason(), unsettled);
    } catch (ClassCastException | IllegalArgumentException e) {
      return withoutAnswer(question, answers.garbage(Kind.ACCESS).problem());
    }
  }

  private boolean since(long asked, Question question, Effect effect) {
    return changes.since(asked, question.user(), question.namespace(), effect);
  }

  /** How long an answer lives that may not show every change that is known here; else -1. */
  private long unsettledMillis(Question question, long asked, Effect effect) {
    if (since(asked, question, effect)) {
      return UNSETTLED_MILLIS;
    }
    long age = changes.lagging(question.user(), question.namespace(), effect);
    return age < 0
        ? -1
        : Math.min(LONGEST_UNSETTLED_MILLIS, Math.max(UNSETTLED_MILLIS, age * UNSETTLED_AGES));
  }

  private Settled allow(Question question, String reason, long unsettledMillis) {
    long now = clock.millis();
    boolean settled = unsettledMillis < 0;
    long early = reviewer.earlierMillis(allowedMillis);
    long until = now + (settled ? allowedMillis - early : Math.min(allowedMillis, unsettledMillis));
    Authorization allowed = new Authorization(Decision.ALLOW, reason, until, ground(now));
    long staleUntil = settled ? now + allowedMillis + staleMillis : until;
    cache.keepYes(question, new Kept<>(allowed, until, staleUntil, false));
    return new Settled(allowed, ReviewObserver.Outcome.YES);
  }

  private Settled deny(Question question, String reason, long unsettledMillis) {
    long now = clock.millis();
    long until =
        now + (unsettledMillis < 0 ? deniedMillis : Math.min(deniedMillis, unsettledMillis));
    Authorization denied = new Authorization(Decision.DENY, reason, until, ground(now));
    cache.keepNo(question, denied, until);
    return new Settled(denied, ReviewObserver.Outcome.NO);
  }

  private static Ground ground(long nowMillis) {
    return Ground.of(Ground.Source.SUBJECT_ACCESS_REVIEW, nowMillis);
  }

  /** Nobody could be asked: an old yes serves for a moment, if there is one. */
  private Settled withoutAnswer(Question question, String problem) {
    Authorization stale = servedStale(question);
    if (stale == null) {
      return new Settled(
          new Authorization(Decision.UNDECIDED, problem, clock.millis()),
          ReviewObserver.Outcome.UNDECIDED);
    }
    return new Settled(stale, ReviewObserver.Outcome.UNDECIDED);
  }

  /** How many answers are kept; tidies up, so it is for a look now and then. */
  public long size() {
    return cache.size();
  }

  /**
   * Who wants to do what. The hash leaves out the groups and extra attributes, which are long and
   * seldom differ when the name does not; equality does not.
   */
  record Question(User user, ResourceAttributes attributes) {
    String namespace() {
      return attributes.namespace();
    }

    @Override
    public int hashCode() {
      int hash = user.name().hashCode();
      hash = 31 * hash + user.uid().hashCode();
      hash = 31 * hash + attributes.verb().hashCode();
      hash = 31 * hash + attributes.apiGroup().hashCode();
      hash = 31 * hash + attributes.resource().hashCode();
      hash = 31 * hash + attributes.subresource().hashCode();
      hash = 31 * hash + attributes.name().hashCode();
      hash = 31 * hash + attributes.path().hashCode();
      return 31 * hash + attributes.namespace().hashCode();
    }
  }

  /**
   * What becomes of a review.
   *
   * @param answer for the caller
   * @param outcome of the review itself, which a stale answer hides from the caller
   */
  private record Settled(Authorization answer, ReviewObserver.Outcome outcome) {}
}
