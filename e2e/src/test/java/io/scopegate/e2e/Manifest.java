package io.scopegate.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * One Kubernetes object in YAML.
 *
 * @param kind its kind
 * @param name its name
 * @param path where the API server has it
 * @param namespace its namespace, or empty
 * @param text the document
 */
record Manifest(String kind, String name, String path, String namespace, String text) {

  /** The documents of a text, without empty ones. */
  static List<Manifest> all(String yaml) {
    List<Manifest> all = new ArrayList<>();
    for (String document : yaml.split("(?m)^---\\s*$")) {
      Object loaded = new Load(LoadSettings.builder().build()).loadFromString(document);
      if (loaded instanceof Map<?, ?> object) {
        all.add(of(object, document));
      }
    }
    return all;
  }

  private static Manifest of(Map<?, ?> object, String text) {
    String kind = string(object, "kind");
    String version = string(object, "apiVersion");
    Map<?, ?> metadata = (Map<?, ?>) Objects.requireNonNull(object.get("metadata"));
    String name = string(metadata, "name");
    String namespace = metadata.containsKey("namespace") ? string(metadata, "namespace") : "";
    String path =
        (version.contains("/") ? "/apis/" : "/api/")
            + version
            + (namespace.isEmpty() ? "" : "/namespaces/" + namespace)
            + "/"
            + plural(kind)
            + "/"
            + name;
    return new Manifest(kind, name, path, namespace, text);
  }

  private static String plural(String kind) {
    String one = kind.toLowerCase(Locale.ROOT);
    if (one.endsWith("s")) {
      return one + "es";
    }
    return one.endsWith("y") ? one.substring(0, one.length() - 1) + "ies" : one + "s";
  }

  private static String string(Map<?, ?> map, String key) {
    return Objects.requireNonNull(map.get(key), key).toString();
  }

  @Override
  public String toString() {
    return path;
  }
}
