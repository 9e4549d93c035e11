package io.scopegate.gateway.telemetry;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authorization;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.TokenCheck;
import io.scopegate.gateway.admin.Readiness;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Counts reviews and what the caches answer, and notes the first review that was answered. For any
 * thread.
 */
public final class ReviewMetrics implements ReviewObserver {
  private final ReviewMeters meters;
  private final Readiness readiness;
  private final Lookups tokens = new Lookups();
  private final Lookups accesses = new Lookups();
  private volatile int waiting;
  private volatile boolean circuitOpen;

  /** What became of the questions of one kind. */
  private static final class Lookups {
    final LongAdder hits = new LongAdder();
    final LongAdder stale = new LongAdder();
    final LongAdder misses = new LongAdder();
  }

  public ReviewMetrics(ReviewMeters meters, Readiness readiness) {
    this.meters = meters;
    this.readiness = readiness;
    meters.waiting(() -> waiting);
    meters.circuitOpen(() -> circuitOpen ? 1 : 0);
  }

  /** Has the caches' sizes read at each scrape; called once. */
  public void caches(LongSupplier tokenEntries, LongSupplier accessEntries) {
    register("tokens", tokens, tokenEntries);
    register("access", accesses, accessEntries);
  }

  private void register(String name, Lookups lookups, LongSupplier entries) {
    meters.cache(name, lookups.hits::sum, lookups.stale::sum, lookups.misses::sum, entries);
  }

  private Lookups lookups(Kind kind) {
    return kind == Kind.TOKEN ? tokens : accesses;
  }

  @Override
  public void asked(Kind kind) {
    lookups(kind).misses.increment();
  }

  @Override
  public void cached(Kind kind, boolean stale) {
    Lookups lookups = lookups(kind);
    (stale ? lookups.stale : lookups.hits).increment();
  }

  @Override
  public void waiting(int count) {
    waiting = count;
  }

  @Override
  public void circuit(boolean open) {
    circuitOpen = open;
  }

  @Override
  public void reconnected() {
    meters.reconnected();
  }

  @Override
  public void followed(String resource, boolean now) {
    meters.watchSynced(resource, now);
  }

  @Override
  public void changed(String resource) {
    meters.watchEvent(resource);
  }

  @Override
  public void rewatched(String resource) {
    meters.watchRestarted(resource);
  }

  @Override
  public void ended(int answers) {
    meters.invalidated(answers);
  }

  @Override
  public void answered(Kind kind, Outcome outcome, long nanos) {
    if (outcome != Outcome.UNDECIDED) {
      readiness.reached(Readiness.Condition.REVIEW);
    }
    if (kind == Kind.TOKEN) {
      meters.tokenReviewed(authentication(outcome), nanos);
    } else {
      meters.accessReviewed(authorization(outcome), nanos);
    }
  }

  @Override
  public void checked(TokenCheck check) {
    meters.tokenChecked(check);
  }

  @Override
  public void keys(String issuer, int count) {
    meters.keys(issuer, count);
  }

  private static Authentication.Outcome authentication(Outcome outcome) {
    return switch (outcome) {
      case YES -> Authentication.Outcome.AUTHENTICATED;
      case NO -> Authentication.Outcome.UNAUTHENTICATED;
      case UNDECIDED -> Authentication.Outcome.UNDECIDED;
    };
  }

  private static Authorization.Decision authorization(Outcome outcome) {
    return switch (outcome) {
      case YES -> Authorization.Decision.ALLOW;
      case NO -> Authorization.Decision.DENY;
      case UNDECIDED -> Authorization.Decision.UNDECIDED;
    };
  }
}
