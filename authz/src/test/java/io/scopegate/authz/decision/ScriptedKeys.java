package io.scopegate.authz.decision;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.atomic.AtomicInteger;

/** Keys that a test hands out, and counts how often they were read. */
final class ScriptedKeys implements KeySource {
  final AtomicInteger reads = new AtomicInteger();
  private volatile Future<IssuerKeys> next;

  ScriptedKeys(IssuerKeys keys) {
    has(keys);
  }

  void has(IssuerKeys keys) {
    next = Future.succeededFuture(keys);
  }

  void fails(boolean refused) {
    next = Future.failedFuture(new KeysMissing("told to fail", refused));
  }

  /** Answers when the test completes the promise. */
  Promise<IssuerKeys> hangs() {
    Promise<IssuerKeys> answer = Promise.promise();
    next = answer.future();
    return answer;
  }

  @Override
  public String name() {
    return "test";
  }

  @Override
  public Future<IssuerKeys> fetch() {
    reads.incrementAndGet();
    return next;
  }
}
