package io.scopegate.authz.decision;

import io.scopegate.authz.ReviewObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what it is told. */
public final class CountingObserver implements ReviewObserver {
  final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
  final AtomicInteger asked = new AtomicInteger();
  final AtomicInteger hits = new AtomicInteger();
  final AtomicInteger stale = new AtomicInteger();
  public final AtomicInteger reconnected = new AtomicInteger();

  /** Each opening (true) and closing of the circuit. */
  public final List<Boolean> circuit = new CopyOnWriteArrayList<>();

  /** One permit for each opening, to wait for. */
  final Semaphore opened = new Semaphore(0);

  /** One permit for each reconnection, to wait for. */
  public final Semaphore reconnections = new Semaphore(0);

  @Override
  public void asked(Kind kind) {
    asked.incrementAndGet();
  }

  @Override
  public void answered(Kind kind, Outcome outcome, long nanos) {
    outcomes.add(outcome);
  }

  @Override
  public void cached(Kind kind, boolean isStale) {
    (isStale ? stale : hits).incrementAndGet();
  }

  @Override
  public void reconnected() {
    reconnected.incrementAndGet();
    reconnections.release();
  }

  @Override
  public void circuit(boolean open) {
    circuit.add(open);
    if (open) {
      opened.release();
    }
  }
}
