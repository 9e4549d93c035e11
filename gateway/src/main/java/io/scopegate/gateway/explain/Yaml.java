package io.scopegate.gateway.explain;

import io.scopegate.config.YamlText;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/** Prints Kubernetes objects as people write them, so that they can be pasted. */
final class Yaml {
  private final StringBuilder out = new StringBuilder();

  private Yaml() {}

  /** All objects, one document each. */
  static String of(Collection<JsonObject> objects) {
    return objects.stream().map(Yaml::of).collect(Collectors.joining("---\n"));
  }

  /** One object, with a line feed at the end. */
  static String of(JsonObject object) {
    Yaml yaml = new Yaml();
    yaml.mapping(object, "", "");
    return yaml.out.toString();
  }

  /** The first line may begin with something else than the others. */
  private void mapping(JsonObject object, String first, String indent) {
    String begin = first;
    for (Map.Entry<String, Object> entry : object) {
      out.append(begin).append(scalar(entry.getKey())).append(':');
      value(entry.getValue(), indent);
      begin = indent;
    }
  }

  private void value(Object value, String indent) {
    if (value instanceof JsonObject nested) {
      out.append('\n');
      mapping(nested, indent + "  ", indent + "  ");
    } else if (value instanceof JsonArray array && isOfObjects(array)) {
      out.append('\n');
      array.forEach(item -> mapping((JsonObject) item, indent + "- ", indent + "  "));
    } else {
      out.append(' ').append(flow(value)).append('\n');
    }
  }

  private static boolean isOfObjects(JsonArray array) {
    return !array.isEmpty() && array.getValue(0) instanceof JsonObject;
  }

  private static String flow(Object value) {
    return value instanceof JsonArray array
        ? array.stream().map(Yaml::scalar).collect(Collectors.joining(", ", "[", "]"))
        : scalar(value);
  }

  private static String scalar(Object value) {
    return YamlText.of(value.toString());
  }
}
