package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.TokenCheck;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Counts reviews by Kubernetes, and lookups in the caches in front of them; for any thread. */
public final class KubernetesMeters implements ReviewObserver {
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

  private final Lookups tokens = new Lookups();
  private final Lookups accesses = new Lookups();
  private final Map<Outcome, Timer> tokenReviews;
  private final Map<Outcome, Timer> accessReviews;
  private final Map<TokenCheck, Counter> checks = new EnumMap<>(TokenCheck.class);
  private final Map<String, AtomicInteger> keys = new ConcurrentHashMap<>();
  private final AtomicInteger waiting;
  private final AtomicInteger circuit;
  private final Counter reconnects;
  private final Counter invalidations;
  private final AtomicReference<@Nullable AtomicLong> credentialExpiry = new AtomicReference<>();
  private final Map<String, AtomicInteger> synced = new ConcurrentHashMap<>();
  private volatile Runnable answered = () -> {};

  KubernetesMeters(MeterRegistry registry) {
    this.registry = registry;
    this.reconnects =
        Counter.builder("scopegate.review.reconnects")
            .description("New connections to the API server after reviews had no answer")
            .register(registry);
    for (TokenCheck check : TokenCheck.values()) {
      checks.put(
          check,
          Counter.builder("scopegate.token.checks")
              .description("Tokens that the gateway itself checked, by outcome")
              .tag("outcome", check.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    this.invalidations =
        Counter.builder("scopegate.watch.invalidations")
            .description("Cached answers that were discarded early because of a watch event")
            .register(registry);
    WATCHED.forEach(resource -> {
      synced(resource);
      watchCounter(EVENTS, resource);
      watchCounter(RESTARTS, resource);
    });
    this.tokenReviews = timers(Kind.TOKEN);
    this.accessReviews = timers(Kind.ACCESS);
    this.waiting = gauge(registry, "scopegate.reviews.waiting", "Reviews that wait for their turn");
    this.circuit =
        gauge(
            registry,
            "scopegate.review.circuit.open",
            "1 while the API server does not answer reviews and is only probed once a second");
  }

  /**
   * Registers gauges of the caches' sizes; call it once.
   *
   * @param tokenEntries entries of the cache of tokens
   * @param accessEntries entries of the cache of rights
   */
  public void caches(LongSupplier tokenEntries, LongSupplier accessEntries) {
    cache("tokens", tokens, tokenEntries);
    cache("access", accesses, accessEntries);
  }

  /**
   * Has something run whenever a review was answered, on any thread; replaces what was run before.
   *
   * @param answered cheap, since it runs after each review
   */
  public void onAnswer(Runnable answered) {
    this.answered = answered;
  }

  private void cache(String name, Lookups lookups, LongSupplier size) {
    lookups(name, "hit", lookups.hits);
    lookups(name, "stale", lookups.stale);
    lookups(name, "miss", lookups.misses);
    Gauge.builder("scopegate.cache.entries", size, LongSupplier::getAsLong)
        .description("Entries of a cache of decisions")
        .tag("cache", name)
        .strongReference(true)
        .register(registry);
  }

  /** Current state of the connection to the cluster. */
  public ClusterState state() {
    Map<String, Boolean> followed = new TreeMap<>();
    synced.forEach((resource, state) -> followed.put(resource, state.get() > 0));
    Map<String, Integer> known = new TreeMap<>();
    keys.forEach((issuer, count) -> known.put(issuer, count.get()));
    return new ClusterState(followed, circuit.get() > 0, known);
  }

  @Override
  public void asked(Kind kind) {
    lookups(kind).misses.increment();
  }

  @Override
  public void cached(Kind kind, boolean isStale) {
    Lookups lookups = lookups(kind);
    (isStale ? lookups.stale : lookups.hits).increment();
  }

  private Lookups lookups(Kind kind) {
    return kind == Kind.TOKEN ? tokens : accesses;
  }

  @Override
  public void answered(Kind kind, Outcome outcome, long nanos) {
    if (outcome != Outcome.UNDECIDED) {
      answered.run();
    }
    Map<Outcome, Timer> timers = kind == Kind.TOKEN ? tokenReviews : accessReviews;
    Objects.requireNonNull(timers.get(outcome)).record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void waiting(int count) {
    waiting.set(count);
  }

  @Override
  public void circuit(boolean open) {
    circuit.set(open ? 1 : 0);
  }

  @Override
  public void ownCredential(long expiryMillis) {
    AtomicLong shown = credentialExpiry.get();
    if (shown == null && expiryMillis < Long.MAX_VALUE) {
      shown =
          credentialExpiry.updateAndGet(
              known -> known == null ? new AtomicLong(expiryMillis) : known);
      Gauge.builder(
              "scopegate.own.credential.expiration.timestamp.seconds",
              Objects.requireNonNull(shown),
              KubernetesMeters::seconds)
          .description("Expiry time of the gateway's own credential at the API server")
          .strongReference(true)
          .register(registry);
    }
    if (shown != null) {
      shown.set(expiryMillis);
    }
  }

  private static double seconds(AtomicLong millis) {
    long value = millis.get();
    return value == Long.MAX_VALUE ? Double.NaN : Math.floorDiv(value, 1_000L);
  }

  @Override
  public void checked(TokenCheck check) {
    Objects.requireNonNull(checks.get(check)).increment();
  }

  @Override
  public void keys(String issuer, int count) {
    keys.computeIfAbsent(issuer, this::keysGauge).set(count);
  }

  private AtomicInteger keysGauge(String issuer) {
    AtomicInteger known = new AtomicInteger();
    Gauge.builder("scopegate.issuer.keys", known, AtomicInteger::get)
        .description("Loaded signing keys of a token issuer")
        .tag("issuer", issuer)
        .strongReference(true)
        .register(registry);
    return known;
  }

  @Override
  public void reconnected() {
    reconnects.increment();
  }

  @Override
  public void followed(String resource, boolean isFollowed) {
    synced(resource).set(isFollowed ? 1 : 0);
  }

  @Override
  public void changed(String resource) {
    watchCounter(EVENTS, resource).increment();
  }

  @Override
  public void rewatched(String resource) {
    watchCounter(RESTARTS, resource).increment();
  }

  @Override
  public void ended(int answers) {
    invalidations.increment(answers);
  }

  private AtomicInteger synced(String resource) {
    return synced.computeIfAbsent(
        resource,
        name -> {
          AtomicInteger state = new AtomicInteger();
          Gauge.builder("scopegate.watch.synced", state, AtomicInteger::get)
              .description("1 while a kind of object is watched, else 0")
              .tag("resource", name)
              .register(registry);
          return state;
        });
  }

  private Counter watchCounter(String name, String resource) {
    return Counter.builder(name)
        .description(
            name.equals(EVENTS)
                ? "Watch events received, by kind of object"
                : "Restarts of watches, by kind of object")
        .tag("resource", resource)
        .register(registry);
  }

  /** The counts live as long as this, so the registry need not hold them. */
  private void lookups(String cache, String result, LongAdder count) {
    FunctionCounter.builder("scopegate.cache.lookups", count, LongAdder::sum)
        .description("Lookups in a cache of decisions, by result")
        .tag("cache", cache)
        .tag("result", result)
        .register(registry);
  }

  private Map<Outcome, Timer> timers(Kind kind) {
    Map<Outcome, Timer> timers = new EnumMap<>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      timers.put(
          outcome,
          Timer.builder("scopegate.review.duration")
              .description("Duration of reviews by Kubernetes, by kind and outcome")
              .tag("kind", kind.name().toLowerCase(Locale.ROOT))
              .tag("outcome", label(kind, outcome))
              .register(registry));
    }
    return timers;
  }

  private static String label(Kind kind, Outcome outcome) {
    boolean token = kind == Kind.TOKEN;
    return switch (outcome) {
      case YES -> token ? "authenticated" : "allow";
      case NO -> token ? "unauthenticated" : "deny";
      case UNDECIDED -> "undecided";
    };
  }

  private static AtomicInteger gauge(MeterRegistry registry, String name, String description) {
    AtomicInteger value = new AtomicInteger();
    Gauge.builder(name, value, AtomicInteger::get)
        .description(description)
        .strongReference(true)
        .register(registry);
    return value;
  }

  /** Counts of cache lookups of one kind, by result. */
  private static final class Lookups {
    final LongAdder hits = new LongAdder();
    final LongAdder stale = new LongAdder();
    final LongAdder misses = new LongAdder();
  }
}
