package io.scopegate.testkit.kubernetes;

import io.vertx.core.json.JsonObject;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Objects to read: as they are, or as they were. */
interface View {
  /** All objects of a kind; in one namespace, or everywhere when it is empty. */
  Collection<JsonObject> list(Resource resource, String namespace);

  /** One object, or null. */
  @Nullable JsonObject find(Resource resource, String namespace, String name);
}
