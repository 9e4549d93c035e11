package io.scopegate.authz;

import io.scopegate.authz.ReviewObserver.Kind;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.function.Supplier;

/** Asks for reviews: {@link KubernetesApi#review} in earnest. */
@FunctionalInterface
interface Reviewer {
  /** As {@link KubernetesApi#review}. */
  Future<ApiAnswer> review(Kind kind, Lane lane, Supplier<JsonObject> body);
}
