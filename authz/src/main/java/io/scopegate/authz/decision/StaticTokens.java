package io.scopegate.authz.decision;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.User;
import io.scopegate.authz.decision.StaticTokensFile.StaticToken;
import io.scopegate.config.Loaded;
import io.scopegate.config.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tokens listed in a file by their hashes. Only hashes are compared, so the time of a look-up
 * reveals nothing: a token cannot be chosen by its hash. The hash has no salt and no work factor:
 * tokens must be long and random, not passwords.
 */
public final class StaticTokens {
  private static final String EVERYBODY = "system:authenticated";

  /** How long an answer is valid unless its lease ends. */
  private static final long STANDS_MILLIS = Duration.ofMinutes(5).toMillis();

  private final InstantSource clock;
  private volatile Map<TokenHash, Entry> entries = Map.of();

  private record Entry(User user, Proof proof) {}

  private StaticTokens(InstantSource clock) {
    this.clock = clock;
  }

  /** No tokens. */
  public static StaticTokens none(InstantSource clock) {
    return new StaticTokens(clock);
  }

  /**
   * Reads a file.
   *
   * @throws IOException when it is not valid
   */
  public static StaticTokens of(Path file, InstantSource clock) throws IOException {
    StaticTokens tokens = new StaticTokens(clock);
    tokens.reread(file);
    return tokens;
  }

  /**
   * Reads the file again. Tokens that are not in it any more, or belong to another user, are
   * rejected at once.
   *
   * @throws IOException when it is not valid; then nothing has changed
   */
  public synchronized void reread(Path file) throws IOException {
    Loaded<StaticTokensFile> loaded = StaticTokensFile.load(file);
    if (!loaded.isValid()) {
      throw new IOException(
          loaded.problems().stream().map(Problem::toString).collect(Collectors.joining("; ")));
    }
    Map<TokenHash, Entry> before = entries;
    Map<TokenHash, Entry> next = new HashMap<>();
    for (StaticToken token : loaded.value().tokens()) {
      next.put(token.sha256(), entry(token, before.get(token.sha256())));
    }
    entries = Map.copyOf(next);
    before.forEach((hash, entry) -> {
      Entry now = next.get(hash);
      if (now != entry) {
        entry.proof.lease().end();
      }
    });
  }

  private static Entry entry(StaticToken token, @Nullable Entry before) {
    Set<String> groups = new LinkedHashSet<>(token.groups());
    groups.add(EVERYBODY);
    User user = new User(token.user(), "", List.copyOf(groups), Map.of());
    return before != null && before.user.equals(user)
        ? before
        : new Entry(user, Proof.of(Proof.Source.STATIC_TOKEN));
  }

  /** Whose token it is; null when it is none of these. Never blocks. */
  @Nullable Authentication find(CharSequence token) {
    Map<TokenHash, Entry> now = entries;
    Entry entry = now.isEmpty() ? null : now.get(TokenHash.of(token));
    return entry == null
        ? null
        : Authentication.authenticated(entry.user, clock.millis() + STANDS_MILLIS, entry.proof);
  }
}
