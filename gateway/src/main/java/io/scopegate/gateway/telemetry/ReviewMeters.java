package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authorization;
import io.scopegate.authz.TokenCheck;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** What is counted about questions to Kubernetes and the caches before them; for any thread. */
public final class ReviewMeters {
  private static final String EVENTS = "scopegate.watch.events";
  private static final String RESTARTS = "scopegate.watch.restarts";

  /** What is watched, whether it may be or not; Secrets join these where they are asked for. */
  private static final List<String> WATCHED =
      List.of(
          "clusterroles",
          "clusterrolebindings",
          "roles",
          "rolebindings",
          "serviceaccounts",
          "pods");

  private final MeterRegistry registry;

  /** Function counters hold what they read weakly. */
  private final Queue<LongSupplier> kept = new ConcurrentLinkedQueue<>();

  private final Map<Authentication.Outcome, Timer> tokens =
      new EnumMap<>(Authentication.Outcome.class);
  private final Map<Authorization.Decision, Timer> accesses =
      new EnumMap<>(Authorization.Decision.class);

  private final Map<TokenCheck, Counter> checks = new EnumMap<>(TokenCheck.class);
  private final Map<String, AtomicInteger> keys = new ConcurrentHashMap<>();
  private final Counter reconnects;
  private final Counter invalidations;
  private final Map<String, AtomicInteger> synced = new ConcurrentHashMap<>();

  ReviewMeters(MeterRegistry registry) {
    this.registry = registry;
    this.reconnects =
        Counter.builder("scopegate.review.reconnects")
            .description("Connections to the API server that were made anew")
            .register(registry);
    for (TokenCheck check : TokenCheck.values()) {
      checks.put(
          check,
          Counter.builder("scopegate.token.checks")
              .description("Tokens that the gateway itself looked at, by what came out")
              .tag("outcome", check.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    this.invalidations =
        Counter.builder("scopegate.watch.invalidations")
            .description("Cached answers that ended early because something has changed")
            .register(registry);
    WATCHED.forEach(resource -> {
      synced(resource);
      watchCounter(EVENTS, resource);
      watchCounter(RESTARTS, resource);
    });
    for (Authentication.Outcome outcome : Authentication.Outcome.values()) {
      tokens.put(outcome, timer("token", outcome));
    }
    for (Authorization.Decision decision : Authorization.Decision.values()) {
      accesses.put(decision, timer("access", decision));
    }
  }

  /**
   * A TokenReview was answered, or came to nothing.
   *
   * @param nanos how long that took
   */
  public void tokenReviewed(Authentication.Outcome outcome, long nanos) {
    Objects.requireNonNull(tokens.get(outcome)).record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * A SubjectAccessReview was answered, or came to nothing.
   *
   * @param nanos how long that took
   */
  public void accessReviewed(Authorization.Decision decision, long nanos) {
    Objects.requireNonNull(accesses.get(decision)).record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * Has a cache's own counts read at each scrape.
   *
   * @param name the cache's name, a label
   * @param hits questions answered from it so far
   * @param stale questions answered so far by what is past its time, as nobody could be asked
   * @param misses questions not answered from it so far
   * @param size entries now
   */
  public void cache(
      String name, LongSupplier hits, LongSupplier stale, LongSupplier misses, LongSupplier size) {
    lookups(name, "hit", hits);
    lookups(name, "stale", stale);
    lookups(name, "miss", misses);
    Gauge.builder("scopegate.cache.entries", size, LongSupplier::getAsLong)
        .description("Entries of a cache of decisions")
        .tag("cache", name)
        .strongReference(true)
        .register(registry);
  }

  /** Has the reviews counted at each scrape that wait for their turn. */
  public void waiting(LongSupplier count) {
    Gauge.builder("scopegate.reviews.waiting", count, LongSupplier::getAsLong)
        .description("Reviews that wait for their turn")
        .strongReference(true)
        .register(registry);
  }

  /** Has it read at each scrape whether the API server is probed only: 1 when it is, else 0. */
  public void circuitOpen(LongSupplier open) {
    Gauge.builder("scopegate.review.circuit.open", open, LongSupplier::getAsLong)
        .description("1 while the API server does not answer reviews and is only probed")
        .strongReference(true)
        .register(registry);
  }

  /** The gateway itself looked at a token. */
  public void tokenChecked(TokenCheck check) {
    Objects.requireNonNull(checks.get(check)).increment();
  }

  /**
   * How many keys of an issuer are known now.
   *
   * @param issuer a label: {@code cluster}, or one of the configured issuers
   */
  public void keys(String issuer, int count) {
    keys.computeIfAbsent(issuer, this::keysGauge).set(count);
  }

  private AtomicInteger keysGauge(String issuer) {
    AtomicInteger known = new AtomicInteger();
    Gauge.builder("scopegate.issuer.keys", known, AtomicInteger::get)
        .description("Keys of an issuer of tokens that are known")
        .tag("issuer", issuer)
        .strongReference(true)
        .register(registry);
    return known;
  }

  /** The connection to the API server was made anew. */
  public void reconnected() {
    reconnects.increment();
  }

  /** Whether changes of a kind of object are told now. */
  public void watchSynced(String resource, boolean now) {
    synced(resource).set(now ? 1 : 0);
  }

  /** A change of an object of a kind was told. */
  public void watchEvent(String resource) {
    watchCounter(EVENTS, resource).increment();
  }

  /** The watch of a kind of object was begun anew. */
  public void watchRestarted(String resource) {
    watchCounter(RESTARTS, resource).increment();
  }

  /** Cached answers have ended early. */
  public void invalidated(int answers) {
    invalidations.increment(answers);
  }

  private AtomicInteger synced(String resource) {
    return synced.computeIfAbsent(
        resource,
        name -> {
          AtomicInteger state = new AtomicInteger();
          Gauge.builder("scopegate.watch.synced", state, AtomicInteger::get)
              .description("Whether changes of a kind of object are told now (1) or not (0)")
              .tag("resource", name)
              .register(registry);
          return state;
        });
  }

  private Counter watchCounter(String name, String resource) {
    return Counter.builder(name)
        .description(
            name.equals(EVENTS)
                ? "Changes that the API server told, by kind of object"
                : "Watches that were begun anew, by kind of object")
        .tag("resource", resource)
        .register(registry);
  }

  private void lookups(String cache, String result, LongSupplier count) {
    kept.add(count);
    FunctionCounter.builder("scopegate.cache.lookups", count, LongSupplier::getAsLong)
        .description("Questions to a cache of decisions, by result")
        .tag("cache", cache)
        .tag("result", result)
        .register(registry);
  }

  private Timer timer(String kind, Enum<?> outcome) {
    return Timer.builder("scopegate.review.duration")
        .description("Time that reviews by Kubernetes took, by kind and outcome")
        .tag("kind", kind)
        .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
        .register(registry);
  }
}
