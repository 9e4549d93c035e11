package io.scopegate.config;

import io.scopegate.config.YamlNode.Mapping;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Loads a YAML file into a record whose components carry {@link Key}.
 *
 * <p>The file is UTF-8 and at most {@link #MAX_BYTES} long. Unknown and duplicate keys, values that
 * do not fit and variables that are not set are problems; all of them are found in one go.
 *
 * @param <R> the record
 */
public final class ConfigLoader<R extends Record> {
  /** How long a file may be. */
  public static final int MAX_BYTES = 1 << 20;

  private static final Map<Class<?>, Shape.RecordOf> SHAPES = new ConcurrentHashMap<>();

  private final Class<R> type;
  private final Shape.RecordOf shape;
  private final Function<String, @Nullable String> environment;

  /**
   * Prepares to load.
   *
   * @param type the record
   * @param environment a variable's value by its name, null when it is not set
   */
  public ConfigLoader(Class<R> type, Function<String, @Nullable String> environment) {
    this.type = type;
    this.shape = shape(type);
    this.environment = environment;
  }

  static Shape.RecordOf shape(Class<? extends Record> type) {
    return SHAPES.computeIfAbsent(type, t -> (Shape.RecordOf) Shape.of(t));
  }

  /**
   * A record as it is when nothing is configured.
   *
   * @throws IllegalArgumentException when a key of it must be given
   */
  public static <R extends Record> R defaults(Class<R> type) {
    Problems problems = new Problems(type.getSimpleName());
    Object value =
        new Binder(new Mapping(Position.START, Map.of()), problems).bindRoot(shape(type));
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(problems.sorted().toString());
    }
    return type.cast(Objects.requireNonNull(value));
  }

  /** Reads a file; one that cannot be read is a problem too. */
  public Loaded<R> load(Path file) {
    Problems problems = new Problems(file.toString());
    byte[] yaml = read(file, problems);
    return yaml == null ? failed(problems) : parse(yaml, problems);
  }

  /** What stands in a file, or a little more than is allowed; null after a problem. */
  static byte @Nullable [] read(Path file, Problems problems) {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      problems.add(Position.START, KeyPath.ROOT, "no such file", "a YAML file");
    } catch (IOException e) {
      String why =
          Files.isDirectory(file)
              ? "is a directory"
              : e instanceof AccessDeniedException ? "permission denied" : "cannot be read";
      problems.add(Position.START, KeyPath.ROOT, why, "a readable YAML file");
    }
    return null;
  }

  /**
   * Reads the content of a file.
   *
   * @param name how problems call the file
   * @param yaml UTF-8
   */
  public Loaded<R> parse(String name, byte[] yaml) {
    return parse(yaml, new Problems(name));
  }

  private Loaded<R> parse(byte[] yaml, Problems problems) {
    Mapping root = root(yaml, new Substitution(environment), problems);
    return root == null ? failed(problems) : bind(root, problems);
  }

  /** The keys at the root; null after a problem. */
  static @Nullable Mapping root(
      byte[] yaml, @Nullable Substitution substitution, Problems problems) {
    if (yaml.length > MAX_BYTES) {
      problems.add(Position.START, KeyPath.ROOT, "too long", "at most " + new DataSize(MAX_BYTES));
      return null;
    }
    String text = Utf8.decode(yaml, problems);
    if (text == null) {
      return null;
    }
    YamlNode root = new YamlReader(substitution, problems).read(text);
    if (root instanceof YamlNode.Scalar scalar && scalar.isNull()) {
      return new Mapping(Position.START, Map.of());
    }
    if (root instanceof Mapping mapping) {
      return mapping;
    }
    if (root != null) {
      problems.add(root.position(), KeyPath.ROOT, root.toString(), "a mapping");
    }
    return null;
  }

  private Loaded<R> bind(Mapping root, Problems problems) {
    Binder binder = new Binder(root, problems);
    Object value = binder.bindRoot(shape);
    R bound = Binder.isFailed(value) ? null : type.cast(value);
    return new Loaded<>(bound, root, binder.origins(), problems);
  }

  private Loaded<R> failed(Problems problems) {
    return new Loaded<>(null, new Mapping(Position.START, Map.of()), Map.of(), problems);
  }
}
