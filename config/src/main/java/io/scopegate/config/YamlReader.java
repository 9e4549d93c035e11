package io.scopegate.config;

import io.scopegate.config.YamlNode.Entry;
import io.scopegate.config.YamlNode.Mapping;
import io.scopegate.config.YamlNode.Scalar;
import io.scopegate.config.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads one YAML document into {@link YamlNode}s. Whatever the bytes are, the result is nodes or
 * problems, in bounded time and memory: depth, and nodes with every alias written out, have limits.
 */
final class YamlReader {
  static final int MAX_DEPTH = 32;
  static final int MAX_NODES = 100_000;

  private static final Set<Tag> TAGS =
      Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.SEQ, Tag.MAP, Tag.ENV_TAG);

  private final @Nullable Substitution substitution;
  private final Problems problems;
  private int nodes;

  /**
   * Reads with these variables.
   *
   * @param substitution null to take what looks like a variable as the text that it is
   */
  YamlReader(@Nullable Substitution substitution, Problems problems) {
    this.substitution = substitution;
    this.problems = problems;
  }

  /** The document's root, an empty mapping for an empty document, or null after a problem. */
  @Nullable YamlNode read(String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setSchema(new CoreSchema())
            .setAllowDuplicateKeys(true) // reported here, all of them
            .setAllowNonScalarKeys(true)
            .setCodePointLimit(Integer.MAX_VALUE) // the size is checked before
            .build();
    try {
      if (!shallow(settings, text)) {
        return null;
      }
      Optional<Node> root = new Compose(settings).composeString(text);
      return root.isEmpty()
          ? new Mapping(Position.START, Map.of())
          : convert(root.get(), KeyPath.ROOT, 0);
    } catch (MarkedYamlEngineException e) {
      malformed(e, text);
    } catch (ReaderException e) {
      String character = String.format("character U+%04X", e.getCodePoint());
      problems.add(positionOf(text, e.getPosition()), KeyPath.ROOT, character, "printable text");
    } catch (YamlEngineException e) {
      problems.add(
          Position.START, KeyPath.ROOT, Text.shown("" + e.getMessage()), "well-formed YAML");
    } catch (IllegalArgumentException e) { // the engine's word for a tag that ends with a blank
      problems.add(Position.START, KeyPath.ROOT, "a tag (!…) that cannot be read", "no tag");
    } catch (TooMuch e) {
      problems.add(e.position, e.path, e.what, "less");
    }
    return null;
  }

  private void malformed(MarkedYamlEngineException e, String text) {
    String context = e.getContext() == null ? "" : " " + e.getContext().strip();
    String parser = e.getProblem() + context;
    Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
    boolean variable = mark.isPresent() && isVariable(text, mark.get().getIndex());
    problems.add(
        at(mark),
        KeyPath.ROOT,
        variable ? Text.escaped(parser) : YamlWords.wrong(parser),
        variable ? "quotes around ${…} between { } or [ ]" : YamlWords.expected(parser));
  }

  /** Whether the brace at this code point is that of a variable. */
  private static boolean isVariable(String text, int codePoint) {
    int[] around = text.codePoints().skip(Math.max(0, codePoint - 1L)).limit(2).toArray();
    return around.length == 2 && around[0] == '$' && around[1] == '{';
  }

  /** The composer recurses, so that depth has to be known before. */
  private boolean shallow(LoadSettings settings, String text) {
    int depth = 0;
    for (Event event : new Parse(settings).parseString(text)) {
      switch (event.getEventId()) {
        case MappingStart, SequenceStart -> depth++;
        case MappingEnd, SequenceEnd -> depth--;
        default -> {}
      }
      if (depth > MAX_DEPTH) {
        problems.add(
            at(event.getStartMark()), KeyPath.ROOT, "nested too deeply", "at most " + MAX_DEPTH);
        return false;
      }
    }
    return true;
  }

  private YamlNode convert(Node node, KeyPath path, int depth) {
    Position position = at(node.getStartMark());
    if (depth > MAX_DEPTH || ++nodes > MAX_NODES) {
      throw new TooMuch(position, path, depth > MAX_DEPTH ? "nested too deeply" : "too many nodes");
    }
    if (!TAGS.contains(node.getTag())) {
      problems.add(position, path, "tag " + Text.shown(node.getTag().getValue()), "no tag");
    }
    if (node instanceof MappingNode mapping) {
      return mapping(mapping, position, path, depth);
    }
    if (node instanceof SequenceNode sequence) {
      List<YamlNode> items = new ArrayList<>();
      for (Node item : sequence.getValue()) {
        items.add(convert(item, path.index(items.size()), depth + 1));
      }
      return new Sequence(position, items);
    }
    return scalar((ScalarNode) node, position, path);
  }

  private Mapping mapping(MappingNode node, Position position, KeyPath path, int depth) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : node.getValue()) {
      Position at = at(tuple.getKeyNode().getStartMark());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problems.add(at, path, "a key that is a list or a mapping", "a plain key");
        continue;
      }
      KeyPath below = path.key(key.getValue());
      if (substitution != null && Substitution.concerns(key.getValue())) {
        problems.add(at, below, "${ in a key", "variables in values only");
      }
      YamlNode value = convert(tuple.getValueNode(), below, depth + 1);
      Entry first = entries.putIfAbsent(key.getValue(), new Entry(at, value));
      if (first != null) {
        problems.add(
            at, below, "duplicate key", "once; the first is on line " + first.keyPosition().line());
      }
    }
    return new Mapping(position, entries);
  }

  private Scalar scalar(ScalarNode node, Position position, KeyPath path) {
    String raw = node.getValue();
    boolean broken = !TAGS.contains(node.getTag());
    boolean bare = node.getScalarStyle() == ScalarStyle.PLAIN;
    boolean isNull = node.getTag().equals(Tag.NULL) && bare;
    if (substitution == null || !Substitution.concerns(raw)) {
      return new Scalar(position, raw, raw, isNull, bare, false, broken);
    }
    try {
      return new Scalar(position, substitution.apply(raw), raw, false, bare, true, broken);
    } catch (Substitution.Unfillable e) {
      problems.add(position, path, e.value, e.expected);
      return new Scalar(position, raw, raw, false, bare, true, true);
    }
  }

  private static Position at(Optional<Mark> mark) {
    return mark.map(m -> new Position(m.getLine() + 1, m.getColumn() + 1)).orElse(Position.START);
  }

  /** The place of the code point with this number. */
  private static Position positionOf(String text, int codePoints) {
    int end =
        Math.min(
            text.length(),
            text.offsetByCodePoints(
                0, Math.min(codePoints, text.codePointCount(0, text.length()))));
    return Utf8.positionOf(text.substring(0, end));
  }

  /** Ends a document that would take too much to read. */
  private static final class TooMuch extends RuntimeException {
    private static final long serialVersionUID = 1;
    final transient Position position;
    final transient KeyPath path;
    final String what;

    TooMuch(Position position, KeyPath path, String what) {
      super(what, null, false, false);
      this.what = what;
      this.position = position;
      this.path = path;
    }
  }
}
