package io.scopegate.authz.decision;

import io.scopegate.authz.User;
import io.scopegate.authz.decision.SubjectAccessReviewAuthorizer.Question;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds the questions with a cached answer by a user's name or group. Users are few, and each has a
 * handful of questions, so groups lead to users and only users to questions. For any thread.
 */
final class DecidedQuestions {
  private final Map<User, Set<Question>> questions = new HashMap<>();
  private final ReverseIndex<User, String> names = new ReverseIndex<>();
  private final ReverseIndex<User, String> groups = new ReverseIndex<>();

  /**
   * Comes in step with the cache about one question. Called after each of its changes there, in
   * whatever order: what counts is how things are now.
   *
   * @param kept whether there is an answer; must not change anything
   */
  synchronized void update(Question question, Predicate<Question> kept) {
    if (kept.test(question)) {
      add(question);
    } else {
      remove(question);
    }
  }

  private void add(Question question) {
    User user = question.user();
    Set<Question> known = questions.get(user);
    if (known == null) {
      known = new HashSet<>(2);
      questions.put(user, known);
      names.put(user, List.of(user.name()));
      groups.put(user, user.groups());
    }
    known.add(question);
  }

  private void remove(Question question) {
    User user = question.user();
    Set<Question> known = questions.get(user);
    if (known != null && known.remove(question) && known.isEmpty()) {
      questions.remove(user);
      names.remove(user);
      groups.remove(user);
    }
  }

  /** The questions of these users and of the members of these groups. */
  synchronized List<Question> of(Set<String> userNames, Set<String> groupNames) {
    Set<User> users = new HashSet<>();
    userNames.forEach(name -> users.addAll(names.under(name)));
    groupNames.forEach(name -> users.addAll(groups.under(name)));
    List<Question> found = new ArrayList<>();
    users.forEach(user -> found.addAll(questions.getOrDefault(user, Set.of())));
    return found;
  }

  /** How many users have a question here. */
  synchronized int users() {
    return questions.size();
  }
}
