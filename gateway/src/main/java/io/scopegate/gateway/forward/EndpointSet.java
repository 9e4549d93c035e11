package io.scopegate.gateway.forward;

import io.scopegate.gateway.exchange.HedgedEnd;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.telemetry.UpstreamMeters;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of an upstream on one event loop: which of them are used, and which one a request
 * gets. With one endpoint it only hands on. Its parts: {@link KnownEndpoints} has those that there
 * are, {@link EndpointLookUps} has them looked up, {@link EndpointInspection} looks at how they
 * are, and {@link EndpointRetries} decides what is sent to another one.
 */
final class EndpointSet {
  /** So long after a request had nowhere else to go, those that are left out are needed. */
  private static final long SHORT_NANOS = 1_000_000_000L;

  private final Parts parts;
  private final EndpointChoice choice;
  private final EndpointAffinity affinity;
  private final KnownEndpoints known;
  private final EndpointLookUps lookUps;
  private final EndpointInspection inspection;
  private final EndpointRetries retries;
  private final @Nullable HedgeDelay hedging;
  private @Nullable UpstreamEndpoint only;
  private UsedEndpoints used = UsedEndpoints.NONE;
  private long attemptedAtNanos;
  private long missedAtNanos;

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
    known = new KnownEndpoints(this, parts);
    UpstreamConfig config = parts.config();
    lookUps = new EndpointLookUps(this, parts.source(), config.lookupInterval().toNanos());
    inspection = new EndpointInspection(this, parts.worker());
    retries = new EndpointRetries(this, config.retries());
    HedgingConfig hedged = config.hedging();
    hedging = hedged == null ? null : new HedgeDelay(hedged);
  }

  /** Begins with the endpoints that are known, or with one that stands for those to be found. */
  void start() {
    attemptedAtNanos = nowNanos() - Pool.ATTEMPT_EVERY_NANOS;
    missedAtNanos = nowNanos() - SHORT_NANOS;
    List<EndpointAddress> listed = parts.source().known();
    if (listed != null) {
      replaceWith(listed);
    } else {
      only = known.placeholder();
      lookUps.start();
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
    lookUps.request();
    retries.request();
    UpstreamEndpoint one = only;
    return (one != null ? one : choose(key)).pool(http2).open(tenant);
  }

  /** As {@link #open}, for a read without a body: a second endpoint may get it, too. */
  StreamEnd openHedged(boolean http2, @Nullable TenantMemoryShare tenant, long key) {
    HedgeDelay delay = hedging;
    if (delay == null || only != null) {
      return open(http2, tenant, key);
    }
    lookUps.request();
    retries.request();
    return new HedgedEnd(
        parts.worker(), new EndpointHedge(this, choose(key), http2, tenant, delay));
  }

  private UpstreamEndpoint choose(long key) {
    inspection.goOn();
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
      known.all().forEach(UpstreamEndpoint::attemptIfUnreachable);
    }
  }

  /** Chooses one of these, but not that one; null when there is no other. */
  @Nullable UpstreamEndpoint pick(List<UpstreamEndpoint> some, @Nullable UpstreamEndpoint not) {
    return used.weighted()
        ? choice.byWeight(some, not, nowNanos())
        : choice.of(some, not, nowNanos());
  }

  // ---- which there are

  /** Those that are known. */
  KnownEndpoints known() {
    return known;
  }

  /** These are there now. */
  void replaceWith(List<EndpointAddress> now) {
    UpstreamEndpoint placeholder = known.isEmpty() ? only : null;
    List<UpstreamEndpoint> leaving = known.replaceWith(now);
    if (known.isEmpty()) {
      only = known.placeholder();
      used = UsedEndpoints.NONE;
    }
    changed();
    leaving.forEach(UpstreamEndpoint::leave);
    if (placeholder != null) {
      placeholder.moveAll();
    }
  }

  // ---- which are used

  /** Something about an endpoint changed. */
  void changed() {
    if (known.isEmpty()) {
      return; // the placeholder is all there is
    }
    List<UpstreamEndpoint> all = List.copyOf(known.all());
    only = all.size() == 1 ? all.get(0) : null;
    used = UsedEndpoints.of(all, parts.config().health().minUsable());
  }

  /** One of them is left out for a time, whose end has to be seen. */
  void leftOut() {
    inspection.goOn();
  }

  /** A connection could not be made: perhaps the endpoints are others by now. */
  void unreachable() {
    if (!known.isEmpty()) { // else it was a look-up, and there is a time for the next one
      lookUps.soon();
    }
  }

  /** A connection was made; where others are too few, who waits for those may wait there. */
  void connected(UpstreamEndpoint one) {
    if (only == null) {
      boolean wereFew = used.crowded();
      changed();
      if (wereFew) {
        known.all().stream()
            .filter(other -> other != one && !other.takesConnections())
            .forEach(UpstreamEndpoint::moveAll);
      }
    }
  }

  // ---- for its parts

  /** The one that there is; null when there are several. */
  @Nullable UpstreamEndpoint only() {
    return only;
  }

  /** Those that get requests. */
  List<UpstreamEndpoint> used() {
    return used.all();
  }

  /**
   * Those in use of which nothing bad is known, even while others have to be used as well; those
   * that are on trial, when there are no such.
   */
  List<UpstreamEndpoint> good() {
    if (!used.crowded()) {
      return used.all();
    }
    List<UpstreamEndpoint> well = used.all().stream().filter(UpstreamEndpoint::isWell).toList();
    return well.isEmpty() ? used.all().stream().filter(UpstreamEndpoint::isUsable).toList() : well;
  }

  /**
   * Whether there are requests and too few who may have them: then nobody is left out for longer
   * than the first time. How long that has become is of before, and may be of one that is well by
   * now, while another one has fallen ill.
   */
  boolean isShort() {
    return nowNanos() - missedAtNanos < SHORT_NANOS
        || used.crowded() && known.all().stream().anyMatch(one -> one.load() > 0);
  }

  /** A request cannot stay where it is, and nobody else is {@link #good()}: others are tried. */
  void missesOther(UpstreamEndpoint from) {
    long now = nowNanos();
    missedAtNanos = now;
    List<UpstreamEndpoint> others =
        known.all().stream().filter(one -> one != from).toList(); // they may change it
    others.forEach(one -> one.tryIfDue(now));
    inspection.goOn();
  }

  /** When they are looked up. */
  EndpointLookUps lookUps() {
    return lookUps;
  }

  /** What is sent again. */
  EndpointRetries retries() {
    return retries;
  }

  UpstreamMeters meters() {
    return parts.meters();
  }

  /** Runs something on the event loop, later. */
  void execute(Runnable later) {
    parts.worker().eventLoop.execute(later);
  }

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
    lookUps.retire();
    inspection.retire();
    UpstreamEndpoint one = only;
    if (one != null) {
      one.retire();
    }
    known.all().forEach(UpstreamEndpoint::retire);
    known.all().forEach(UpstreamEndpoint::uncount);
  }
}
