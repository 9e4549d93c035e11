package io.scopegate.authz.kubernetes;

import io.vertx.core.json.JsonObject;

/** What is known of the objects of one kind; for one thread at a time. */
interface FollowedObjects {
  /** A list begins: what has been known stands until it has ended. */
  void listing();

  /**
   * An object of the list.
   *
   * @throws RuntimeException when it is no object of that kind
   * @throws TooManyObjectsException when there is no room for it
   */
  void listed(JsonObject object) throws TooManyObjectsException;

  /** The list has ended: what was known and was not in it is gone. */
  void listed();

  /**
   * An object was added or changed.
   *
   * @throws RuntimeException when it is no object of that kind
   * @throws TooManyObjectsException when there is no room for it
   */
  void changed(JsonObject object) throws TooManyObjectsException;

  /**
   * An object was deleted.
   *
   * @param object as it was at the end
   * @throws RuntimeException when it is no object of that kind
   */
  void deleted(JsonObject object);
}
