package io.scopegate.gateway.forward;

import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.HedgedEnd;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.PendingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.http.Attempts.Failure;
import io.scopegate.gateway.http.SentRequest;
import io.scopegate.gateway.telemetry.UpstreamEndpointMeters;
import io.scopegate.gateway.telemetry.UpstreamMeters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of an upstream on one event loop: which there are, which of them are used, and
 * which one a request gets, at first or once more. With one endpoint it only hands on.
 */
final class EndpointSet {
  /** How often silence and the end of left-out times are looked for, while there is anything. */
  private static final long LOOK_MILLIS = 200;

  /** A look that comes so late tells of this event loop, and not of the servers. */
  private static final long LATE_NANOS = 150_000_000;

  /** A request is moved to so many other endpoints while it waits for a connection. */
  private static final int MOST_MOVES = 5;

  /** An endpoint leaves when it was missed so often in a row: some name servers tell in turns. */
  private static final int MISSED = 2;

  private static final String NOT_USED = "the upstream is not used any more";

  private final Parts parts;
  private final EndpointChoice choice;
  private final EndpointAffinity affinity;
  private final RetryBudget budget;
  private final @Nullable HedgeDelay hedging;
  private final Map<String, UpstreamEndpoint> endpoints = new LinkedHashMap<>();
  private final List<Consumer<Throwable>> awaiting = new ArrayList<>();
  private final List<Asking> asking = new ArrayList<>();
  private final long intervalNanos;
  private @Nullable UpstreamEndpoint only;
  private UsedEndpoints used = UsedEndpoints.NONE;
  private boolean looksAgain;
  private boolean lookingUp;
  private boolean looking;
  private boolean isRetired;
  private long lookUpAtNanos;
  private long lookAtNanos;
  private long attemptedAtNanos;

  /**
   * What a set is made of.
   *
   * @param usesHttp2 whether connections that only try are HTTP/2
   * @param checks active checks of the endpoints; null for none
   * @param clock in nanoseconds, as {@link System#nanoTime()}
   */
  record Parts(
      UpstreamConfig config,
      LoopContext worker,
      EndpointSource source,
      Connectors connectors,
      UpstreamEndpoint.Sizes sizes,
      boolean usesHttp2,
      UpstreamMeters meters,
      @Nullable EndpointChecks checks,
      LongSupplier clock,
      RandomGenerator random) {}

  /** Somebody who wants to know which there are. */
  private record Asking(Consumer<List<EndpointAddress>> found, Consumer<Throwable> none) {}

  /** Makes what connects. */
  interface Connectors {
    /** Connects to an endpoint; null: to nothing yet, it looks the endpoints up instead. */
    Connector to(@Nullable EndpointAddress address, boolean http2);

    /** An exact clock, in nanoseconds. */
    default LongSupplier clock() {
      return System::nanoTime;
    }
  }

  EndpointSet(Parts parts) {
    this.parts = parts;
    choice = new EndpointChoice(parts.random());
    affinity = new EndpointAffinity(parts.random());
    budget = new RetryBudget(parts.config().retries().budget());
    HedgingConfig hedged = parts.config().hedging();
    hedging = hedged == null ? null : new HedgeDelay(hedged);
    intervalNanos = parts.config().lookupInterval().toNanos();
  }

  /** Begins with the endpoints that are known, or with one that stands for those to be found. */
  void start() {
    attemptedAtNanos = nowNanos() - Pool.ATTEMPT_EVERY_NANOS;
    List<EndpointAddress> known = parts.source().known();
    if (known != null) {
      replaceWith(known);
    } else {
      looksAgain = !parts.source().tellsOfChanges();
      lookUpAtNanos = nowNanos();
      only = endpoint(null, false);
      if (!looksAgain) {
        parts.worker().eventLoop.execute(() -> parts.source().listen(this::lookUp));
      }
    }
  }

  /**
   * An upstream's end for a new request.
   *
   * @param http2 whether it goes by HTTP/2
   */
  StreamEnd open(boolean http2, @Nullable TenantMemoryShare tenant) {
    return open(http2, tenant, Affinity.NO_KEY);
  }

  /**
   * As {@link #open(boolean, TenantMemoryShare)}, for requests that go together.
   *
   * @param key what they have in common; {@link Affinity#NO_KEY} for nothing
   */
  StreamEnd open(boolean http2, @Nullable TenantMemoryShare tenant, long key) {
    if (looksAgain && nowNanos() - lookUpAtNanos >= 0) {
      lookUp();
    }
    budget.request();
    UpstreamEndpoint one = only;
    return (one != null ? one : choose(key)).pool(http2).open(tenant);
  }

  /** As {@link #open}, for a read without a body: a second endpoint may get it, too. */
  StreamEnd openHedged(boolean http2, @Nullable TenantMemoryShare tenant, long key) {
    HedgeDelay delay = hedging;
    if (delay == null || only != null) {
      return open(http2, tenant, key);
    }
    if (looksAgain && nowNanos() - lookUpAtNanos >= 0) {
      lookUp();
    }
    budget.request();
    return new HedgedEnd(parts.worker(), new Hedge(choose(key), http2, tenant, delay));
  }

  /** The two endpoints of one request. */
  private final class Hedge implements HedgedEnd.Servers {
    private final UpstreamEndpoint one;
    private final boolean http2;
    private final @Nullable TenantMemoryShare tenant;
    private final HedgeDelay delay;

    Hedge(
        UpstreamEndpoint one, boolean http2, @Nullable TenantMemoryShare tenant, HedgeDelay delay) {
      this.one = one;
      this.http2 = http2;
      this.tenant = tenant;
      this.delay = delay;
    }

    @Override
    public StreamEnd first() {
      return one.pool(http2).open(tenant);
    }

    @Override
    public long delayNanos() {
      return delay.nanos();
    }

    @Override
    public @Nullable StreamEnd second(Exchange exchange) {
      UpstreamEndpoint other = exchange.record.retries == 0 ? pick(good(), one) : null;
      if (only != null || other == null || !budget.take()) {
        return null;
      }
      parts.meters().hedged();
      return other.pool(http2).open(tenant);
    }

    @Override
    public void answered(long nanos, boolean isSecond) {
      delay.took(nanos);
      if (isSecond) {
        parts.meters().hedgeWon();
      }
    }
  }

  private UpstreamEndpoint choose(long key) {
    keepLooking();
    if (used.crowded()) {
      attemptAll();
    }
    UpstreamEndpoint together =
        key == Affinity.NO_KEY ? null : affinity.of(used.all(), key, nowNanos());
    UpstreamEndpoint chosen = together == null ? pick(used.all(), null) : together;
    if (chosen == null) {
      throw new IllegalStateException("usable: none (expected: one at least)");
    }
    return chosen;
  }

  /** Too few are left: each request tries those that took no connection, but not too often. */
  private void attemptAll() {
    long now = nowNanos();
    if (now - attemptedAtNanos >= Pool.ATTEMPT_EVERY_NANOS) {
      attemptedAtNanos = now;
      endpoints.values().forEach(UpstreamEndpoint::attemptIfUnreachable);
    }
  }

  private @Nullable UpstreamEndpoint pick(
      List<UpstreamEndpoint> some, @Nullable UpstreamEndpoint not) {
    return used.weighted()
        ? choice.byWeight(some, not, nowNanos())
        : choice.of(some, not, nowNanos());
  }

  // ---- which there are

  /** Looks up, unless that is under way. */
  private void lookUp() {
    lookUpAtNanos = nowNanos() + intervalNanos;
    if (!lookingUp && !isRetired) {
      lookingUp = true;
      parts.source().lookUp(new Answered());
    }
  }

  /** Looks up for a request that waits where nothing is known yet. */
  void lookUpFor(Consumer<Throwable> failed) {
    if (isRetired) {
      failed.accept(new IOException(NOT_USED));
    } else {
      awaiting.add(failed);
      lookUp();
    }
  }

  /**
   * Tells which there are now, after they were looked up where that is needed.
   *
   * @param found gets one at least
   * @param none gets why there is none
   */
  void tell(Consumer<List<EndpointAddress>> found, Consumer<Throwable> none) {
    if (isRetired) {
      none.accept(new IOException(NOT_USED));
    } else if (!looksAgain && !endpoints.isEmpty()) {
      found.accept(addresses());
    } else {
      asking.add(new Asking(found, none));
      lookUp();
    }
  }

  private List<EndpointAddress> addresses() {
    return endpoints.values().stream()
        .map(UpstreamEndpoint::address)
        .filter(Objects::nonNull)
        .toList();
  }

  private void tellAll(@Nullable Throwable why) {
    List<Asking> all = List.copyOf(asking);
    asking.clear();
    List<EndpointAddress> now = addresses();
    for (Asking one : all) {
      if (now.isEmpty()) {
        one.none.accept(why == null ? new IOException(NOT_USED) : why);
      } else {
        one.found.accept(now);
      }
    }
  }

  /** Takes the answer to a look-up. */
  private final class Answered implements EndpointSource.Answer {
    @Override
    public void found(List<EndpointAddress> now) {
      lookingUp = false;
      awaiting.clear();
      if (!isRetired) {
        replaceWith(now);
      }
      tellAll(null);
    }

    @Override
    public void none(Throwable why) {
      if (!isRetired && !endpoints.isEmpty()) {
        replaceWith(List.of());
      }
      failed(why);
    }

    @Override
    public void failed(Throwable why) {
      lookingUp = false;
      List<Consumer<Throwable>> all = List.copyOf(awaiting);
      awaiting.clear();
      all.forEach(waits -> waits.accept(why));
      tellAll(why);
    }
  }

  private void replaceWith(List<EndpointAddress> now) {
    UpstreamEndpoint placeholder = endpoints.isEmpty() ? only : null;
    boolean isFirst = endpoints.isEmpty();
    Map<String, EndpointAddress> next = new LinkedHashMap<>();
    now.forEach(address -> next.put(address.text(), address));
    List<UpstreamEndpoint> leaving = missing(next);
    next.forEach((text, address) -> {
      UpstreamEndpoint known = endpoints.get(text);
      if (known == null) {
        endpoints.put(text, endpoint(address, !isFirst));
      } else {
        known.found(address);
      }
    });
    if (endpoints.isEmpty()) {
      only = endpoint(null, false);
      used = UsedEndpoints.NONE;
    }
    changed();
    leaving.forEach(UpstreamEndpoint::leave);
    if (placeholder != null) {
      placeholder.moveAll();
    }
  }

  private List<UpstreamEndpoint> missing(Map<String, EndpointAddress> next) {
    List<UpstreamEndpoint> leaving = new ArrayList<>();
    int most = parts.source().tellsOfChanges() ? 1 : MISSED;
    endpoints
        .entrySet()
        .removeIf(known -> {
          boolean leaves = !next.containsKey(known.getKey()) && known.getValue().missed() >= most;
          if (leaves) {
            leaving.add(known.getValue());
          }
          return leaves;
        });
    return leaving;
  }

  private UpstreamEndpoint endpoint(@Nullable EndpointAddress address, boolean isNew) {
    EndpointHealth health = new EndpointHealth(parts.config().health(), isNew, nowNanos());
    UpstreamEndpointMeters counted =
        address == null ? null : parts.meters().endpoint(address.text());
    UpstreamEndpoint made =
        new UpstreamEndpoint(this, address, parts.connectors(), parts.sizes(), health, counted);
    EndpointChecks checks = parts.checks();
    if (checks != null && address != null) {
      made.checkedUntil(
          checks.follow(address, parts.worker(), parts.connectors()::to, made::checked));
    }
    return made;
  }

  // ---- which are used

  /** Something about an endpoint changed. */
  void changed() {
    if (endpoints.isEmpty()) {
      return; // the placeholder is all there is
    }
    List<UpstreamEndpoint> all = List.copyOf(endpoints.values());
    only = all.size() == 1 ? all.get(0) : null;
    used = UsedEndpoints.of(all, parts.config().health().minUsable());
  }

  /** Looks at all endpoints as long as there is anything to be seen. */
  private void keepLooking() {
    if (!looking && !isRetired) {
      looking = true;
      lookAtNanos = nowNanos() + TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
      parts.worker().eventLoop.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    looking = false;
    if (only != null || isRetired) {
      return;
    }
    long now = nowNanos();
    long late = now - lookAtNanos;
    List<UpstreamEndpoint> all = List.copyOf(endpoints.values());
    if (late > LATE_NANOS) {
      all.forEach(one -> one.health().paused(late)); // what they answered is not read yet
    }
    all.forEach(one -> one.look(now));
    changed(); // a pause between two attempts to connect ends without an event
    if (all.stream().anyMatch(one -> one.load() > 0 || !one.isUsable())) {
      keepLooking();
    }
  }

  void leftOut(UpstreamEndpoint one) {
    keepLooking();
  }

  /** A connection could not be made: perhaps the endpoints are others by now. */
  void unreachable() {
    if (!endpoints.isEmpty()) { // else it was a look-up, and there is a time for the next one
      lookUpAtNanos = nowNanos();
    }
  }

  /** A connection was made; where others are too few, who waits for those may wait there. */
  void connected(UpstreamEndpoint one) {
    if (only == null) {
      boolean wereFew = used.crowded();
      changed();
      if (wereFew) {
        endpoints.values().stream()
            .filter(other -> other != one && !other.takesConnections())
            .forEach(UpstreamEndpoint::moveAll);
      }
    }
  }

  // ---- once more

  /** Lets a request that waits for one endpoint wait for another one. */
  boolean move(UpstreamEndpoint from, boolean http2, PendingEnd waiting, Object owner) {
    UpstreamEndpoint to =
        pick(used.all().stream().filter(UpstreamEndpoint::isUsable).toList(), from);
    if (to == null) {
      to =
          pick(
              endpoints.values().stream().filter(UpstreamEndpoint::takesConnections).toList(),
              from);
    }
    if (to == null || waiting.moved() > MOST_MOVES) {
      return false;
    }
    to.pool(http2).adopt(waiting, owner);
    return true;
  }

  /**
   * Lets a request wait for the next attempt to connect, where all have failed lately: for one at
   * each endpoint, and a read for more rounds of them, as far as retries go. While none is known,
   * the attempt is a look-up.
   */
  boolean awaitAttempt(UpstreamEndpoint from, boolean http2, PendingEnd waiting, Object owner) {
    int failed = waiting.failedAttempts();
    int round = Math.min(MOST_MOVES, Math.max(1, endpoints.size()));
    if (failed >= round && failed % round == 0 && !mayWaitOn(waiting, failed / round)) {
      return false;
    }
    (failed == 0 || endpoints.isEmpty() ? from : next(from))
        .pool(http2)
        .awaitAttempt(waiting, owner);
    return true;
  }

  private boolean mayWaitOn(PendingEnd waiting, int rounds) {
    StreamEnd client = waiting.client();
    Exchange x = client == null ? null : client.servedExchange();
    return x != null
        && x.isRepeatable()
        && rounds <= parts.config().retries().max()
        && budget.take();
  }

  private UpstreamEndpoint next(UpstreamEndpoint one) {
    List<UpstreamEndpoint> all = List.copyOf(endpoints.values());
    return all.get((all.indexOf(one) + 1) % all.size());
  }

  /** Whether a request is sent again; it is counted then. */
  boolean mayResend(UpstreamEndpoint from, StreamEnd client, Failure why) {
    Exchange x = client.servedExchange();
    if (x == null || x.ended()) {
      return false;
    }
    if (why == Failure.STALE) {
      return x.isRepeatable(); // each time a dead connection is gone, so there is an end to it
    }
    if (x.record.retries >= parts.config().retries().max()) {
      return false;
    }
    boolean may =
        switch (why) {
          case GOAWAY, STALE -> true;
          case REFUSED -> budget.take();
          case LOST, RESET, BAD_ANSWER, SILENT ->
              x.isRepeatable() && hasGoodOther(from) && budget.take();
        };
    if (may) {
      x.record.retries++;
    }
    return may;
  }

  private boolean hasGoodOther(UpstreamEndpoint from) {
    return only == null && good().stream().anyMatch(one -> one != from);
  }

  /** Those in use of which nothing bad is known, even while others have to be used as well. */
  private List<UpstreamEndpoint> good() {
    return used.crowded()
        ? used.all().stream().filter(UpstreamEndpoint::isWell).toList()
        : used.all();
  }

  void resend(UpstreamEndpoint from, boolean http2, StreamEnd client, SentRequest request) {
    parts.meters().retried();
    request.sendOver(another(from).pool(http2).open(client.share()), client);
  }

  /** Where a request goes that failed there: if possible to one that is well. */
  private UpstreamEndpoint another(UpstreamEndpoint from) {
    if (only != null) {
      return only;
    }
    UpstreamEndpoint well = pick(good(), from);
    UpstreamEndpoint any = well == null ? pick(used.all(), from) : well;
    return any == null ? from : any;
  }

  // ---- for its endpoints

  @Nullable ConcurrencyConfig concurrency() {
    return parts.config().concurrency();
  }

  boolean hasSeveral() {
    return only == null;
  }

  boolean usesHttp2() {
    return parts.usesHttp2();
  }

  long nowNanos() {
    return parts.clock().getAsLong();
  }

  /** Gets no further requests; late ones still get connections, which close after them. */
  void retire() {
    isRetired = true;
    UpstreamEndpoint one = only;
    if (one != null) {
      one.retire();
    }
    endpoints.values().forEach(UpstreamEndpoint::retire);
    endpoints.values().forEach(UpstreamEndpoint::uncount);
  }
}
