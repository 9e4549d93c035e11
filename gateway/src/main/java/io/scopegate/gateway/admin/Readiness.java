package io.scopegate.gateway.admin;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Whether traffic is welcome. A condition that was reached once stays reached: an outage of the API
 * server must not take every replica out of service at once, since cached decisions still serve
 * most requests. What the checks of upstreams say comes and goes. For any thread.
 */
public final class Readiness {
  /** What must have happened once. */
  public enum Condition {
    /** All listeners are open. */
    LISTENERS("listeners are not open yet"),
    /** A review was answered. */
    REVIEW("no review by Kubernetes has succeeded yet"),
    /** The upstreams were checked, or it was waited long enough for that. */
    UPSTREAMS("upstreams have not been checked yet"),
    /** The warm-up has ended. */
    WARM_UP("warming up");

    private final String missing;

    Condition(String missing) {
      this.missing = missing;
    }
  }

  private final List<Runnable> observers = new CopyOnWriteArrayList<>();
  private final Set<Condition> missing;
  private List<String> objections = List.of();
  private List<String> warnings = List.of();
  private String lastProblem = "";
  private boolean draining;

  /**
   * Not ready, unless nothing is awaited.
   *
   * @param awaited what must happen first
   */
  public Readiness(Set<Condition> awaited) {
    this.missing = EnumSet.noneOf(Condition.class);
    missing.addAll(awaited);
  }

  /** Notes that something has happened; again and again is fine, and cheap. */
  public void reached(Condition condition) {
    synchronized (this) {
      if (!missing.remove(condition)) {
        return;
      }
    }
    observers.forEach(Runnable::run);
  }

  /** Notes why the last review had no answer, in words, for as long as none has succeeded. */
  public synchronized void reviewFailed(String problem) {
    lastProblem = problem;
  }

  /**
   * Replaces what the checks of upstreams say.
   *
   * @param reasons why no traffic is welcome; empty when it is
   * @param others what is wrong although traffic is welcome
   */
  public void upstreams(List<String> reasons, List<String> others) {
    synchronized (this) {
      missing.remove(Condition.UPSTREAMS);
      objections = List.copyOf(reasons);
      warnings = List.copyOf(others);
    }
    observers.forEach(Runnable::run);
  }

  /** Notes that the gateway is about to stop; there is no way back. */
  public void drain() {
    synchronized (this) {
      if (draining) {
        return;
      }
      draining = true;
    }
    observers.forEach(Runnable::run);
  }

  /** Whether traffic is welcome. */
  public synchronized boolean isReady() {
    return missing.isEmpty() && objections.isEmpty() && !draining;
  }

  /** Why traffic is not welcome; empty when it is. */
  public synchronized List<String> reasons() {
    List<String> reasons = new ArrayList<>();
    if (draining) {
      reasons.add("draining");
    }
    missing.forEach(condition -> reasons.add(words(condition)));
    reasons.addAll(objections);
    return reasons;
  }

  private String words(Condition condition) {
    return condition == Condition.REVIEW && !lastProblem.isEmpty()
        ? condition.missing + ": " + lastProblem
        : condition.missing;
  }

  /** What is wrong although traffic is welcome. */
  public synchronized List<String> warnings() {
    return warnings;
  }

  /** Has something run after each change, on the thread that made it. */
  void onChange(Runnable observer) {
    observers.add(observer);
  }
}
