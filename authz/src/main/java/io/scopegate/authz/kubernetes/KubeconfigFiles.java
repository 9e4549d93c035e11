package io.scopegate.authz.kubernetes;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * One kubeconfig file, or several that are merged as <a
 * href="https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files">kubectl</a>
 * merges those of {@code KUBECONFIG}: the first file that has a value or a named entry wins, and a
 * file that is not there is left out.
 */
final class KubeconfigFiles {
  private final List<Part> parts;

  private record Part(Path file, Map<?, ?> root) {}

  /**
   * A named entry.
   *
   * @param file where it is; the paths in it are relative to that
   */
  record Entry(Path file, Map<?, ?> value) {
    /** A value as text; null when it is missing or empty. */
    @Nullable String text(String key) {
      return KubeconfigFiles.text(value, key);
    }

    /** A path, relative to the file. */
    Path resolve(String path) {
      return file.resolveSibling(path);
    }

    /** Something in it is wrong. */
    ClusterAccessException flaw(String key, String expected) {
      return new ClusterAccessException("kubeconfig: " + file + ": " + key, expected);
    }
  }

  private KubeconfigFiles(List<Part> parts) {
    this.parts = parts;
  }

  /** Reads them. */
  static KubeconfigFiles read(Path list) throws ClusterAccessException {
    List<Part> parts = new ArrayList<>();
    List<Path> files = files(list);
    for (Path file : files) {
      if (files.size() == 1 || Files.exists(file)) {
        parts.add(new Part(file, parse(file)));
      }
    }
    if (parts.isEmpty()) {
      throw new ClusterAccessException(
          "kubeconfig: " + list + ": none of these files exists", "a readable file");
    }
    return new KubeconfigFiles(parts);
  }

  /** A file whose own name has the separator in it is one file. */
  private static List<Path> files(Path list) {
    List<Path> files = new ArrayList<>();
    if (Files.exists(list)) {
      return List.of(list.toAbsolutePath());
    }
    for (String one : list.toString().split(Pattern.quote(File.pathSeparator), -1)) {
      if (!one.isBlank()) {
        files.add(Path.of(one).toAbsolutePath());
      }
    }
    return files;
  }

  private static Map<?, ?> parse(Path file) throws ClusterAccessException {
    String yaml = AccessFiles.text(file, "kubeconfig");
    Object root;
    try {
      root = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    } catch (YamlEngineException e) {
      // Its message quotes the file, and with it perhaps a token.
      throw new ClusterAccessException("kubeconfig: " + file + ": no YAML", "YAML");
    }
    if (root instanceof Map<?, ?> map) {
      return map;
    }
    throw new ClusterAccessException(
        "kubeconfig: " + file + ": no YAML mapping", "a mapping with contexts, clusters and users");
  }

  /** The name of the context in use. */
  String currentContext() throws ClusterAccessException {
    for (Part part : parts) {
      String current = text(part.root, "current-context");
      if (current != null) {
        return current;
      }
    }
    throw new ClusterAccessException(
        "kubeconfig: " + names() + ": current-context: missing", "the name of a context");
  }

  /** The entry of a list with this name. */
  Entry named(String list, String key, @Nullable String name) throws ClusterAccessException {
    for (Part part : parts) {
      if (part.root.get(list) instanceof List<?> entries) {
        for (Object entry : entries) {
          if (entry instanceof Map<?, ?> map
              && name != null
              && name.equals(map.get("name"))
              && map.get(key) instanceof Map<?, ?> value) {
            return new Entry(part.file, value);
          }
        }
      }
    }
    throw new ClusterAccessException(
        "kubeconfig: " + names() + ": " + list, "an entry named " + name);
  }

  private String names() {
    return String.join(
        File.pathSeparator, parts.stream().map(part -> part.file.toString()).toList());
  }

  private static @Nullable String text(Map<?, ?> owner, String key) {
    Object value = owner.get(key);
    return value == null || value.toString().isEmpty() ? null : value.toString();
  }
}
