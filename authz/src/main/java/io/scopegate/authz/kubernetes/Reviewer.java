package io.scopegate.authz.kubernetes;

import io.scopegate.authz.ReviewObserver.Kind;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.function.Supplier;

/** Asks for reviews: implemented by {@link KubernetesApi}, and by tests. */
@FunctionalInterface
public interface Reviewer {
  /** As {@link KubernetesApi#review}. */
  Future<ApiAnswer> review(Kind kind, ReviewPriority lane, Supplier<JsonObject> body);

  /**
   * As {@link #review(Kind, ReviewPriority, Supplier)}.
   *
   * @param waitedMillis how much of its time the question has waited already
   */
  default Future<ApiAnswer> review(
      Kind kind, ReviewPriority lane, long waitedMillis, Supplier<JsonObject> body) {
    return review(kind, lane, body);
  }

  /**
   * Whether the API server is known not to answer at present: avoidable reviews should be avoided.
   */
  default boolean isDown() {
    return false;
  }

  /** Runs a task after so many milliseconds, on any thread. */
  default void later(long millis, Runnable task) {}

  /**
   * How much earlier than its time an answer should be asked for again, so that what came at once
   * does not come back at once.
   *
   * @param ttlMillis its time
   */
  default long earlierMillis(long ttlMillis) {
    return 0;
  }
}
