package io.scopegate.testkit.kubernetes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Reads manifests in YAML, of which JSON is a part. */
final class Manifests {
  private Manifests() {}

  /** All objects of a text, lists taken apart. */
  static List<JsonObject> parse(String text) {
    List<JsonObject> objects = new ArrayList<>();
    for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(text)) {
      if (document instanceof Map<?, ?> map) {
        add(objects, (JsonObject) converted(map));
      }
    }
    return objects;
  }

  private static void add(List<JsonObject> objects, JsonObject object) {
    if (object.getString("kind", "").endsWith("List")) {
      object.getJsonArray("items").forEach(item -> add(objects, (JsonObject) item));
    } else {
      objects.add(object);
    }
  }

  private static Object converted(Object value) {
    if (value instanceof Map<?, ?> map) {
      JsonObject object = new JsonObject();
      map.forEach((key, item) -> object.put(String.valueOf(key), converted(item)));
      return object;
    }
    if (value instanceof List<?> list) {
      JsonArray array = new JsonArray();
      list.forEach(item -> array.add(converted(item)));
      return array;
    }
    return value;
  }
}
