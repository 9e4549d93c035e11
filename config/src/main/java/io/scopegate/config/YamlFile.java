package io.scopegate.config;

import io.scopegate.config.YamlNode.Mapping;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A YAML file that has another program's form, read with the bounds and the places of our own: no
 * variables, no shape. Callers that know the form go through its values and add problems. Not for
 * use by several threads at a time.
 */
public final class YamlFile {
  private final Problems problems;
  private final String name;
  private final YamlValue root;

  private YamlFile(String name, Problems problems, Mapping root) {
    this.name = name;
    this.problems = problems;
    this.root = new YamlValue(this, KeyPath.ROOT, root);
  }

  /** Reads a file; what cannot be read is an empty mapping, and a problem. */
  public static YamlFile load(Path file) {
    Problems problems = new Problems(file.toString());
    byte[] yaml = ConfigLoader.read(file, problems);
    Mapping root = yaml == null ? null : ConfigLoader.root(yaml, null, problems);
    Mapping found = root == null ? new Mapping(Position.START, Map.of()) : root;
    return new YamlFile(String.valueOf(file.getFileName()), problems, found);
  }

  /** The mapping that the file is. */
  public YamlValue root() {
    return root;
  }

  /** What is wrong, in the order of the file. */
  public List<Problem> problems() {
    return problems.sorted();
  }

  /** The file's own name, without its directory. */
  String name() {
    return name;
  }

  void problem(Position position, KeyPath path, String value, String expected) {
    problems.add(position, path, value, expected);
  }
}
