#include "memory/ranking.h"

#include "memory/alloc.h"
#include "memory/arena.h"

size_t gp_ranking_weight(const gp_member *member) {
    return member->spent ? 0 : member->mapped_bytes - member->shared_bytes;
}

static void put(gp_ranking *ranking, size_t at, gp_member *member) {
    ranking->members[at] = member;
    member->rank = at;
}

static void sift_up(gp_ranking *ranking, gp_member *member) {
    size_t at = member->rank, weight = gp_ranking_weight(member);
    for (size_t parent; at; at = parent) {
        parent = (at - 1) / 2;
        if (gp_ranking_weight(ranking->members[parent]) >= weight) break;
        put(ranking, at, ranking->members[parent]);
    }
    put(ranking, at, member);
}

static void sift_down(gp_ranking *ranking, gp_member *member) {
    size_t at = member->rank, weight = gp_ranking_weight(member);
    for (size_t child; (child = 2 * at + 1) < ranking->count; at = child) {
        if (child + 1 < ranking->count && gp_ranking_weight(ranking->members[child + 1]) >
                                              gp_ranking_weight(ranking->members[child]))
            child++;
        if (gp_ranking_weight(ranking->members[child]) <= weight) break;
        put(ranking, at, ranking->members[child]);
    }
    put(ranking, at, member);
}

void gp_ranking_update(gp_ranking *ranking, gp_member *member) {
    sift_up(ranking, member);
    sift_down(ranking, member);
}

void gp_ranking_revive(gp_ranking *ranking) {
    for (size_t i = 0; i < ranking->count; i++) ranking->members[i]->spent = false;
    for (size_t i = ranking->count / 2; i--;) sift_down(ranking, ranking->members[i]);
}

void gp_ranking_deinit(gp_ranking *ranking) {
    gp_free(ranking->members);
    *ranking = (gp_ranking){0};
}

bool gp_ranking_add(gp_ranking *ranking, gp_member *member) {
    if (ranking->count == ranking->capacity) {
        size_t capacity = ranking->capacity ? ranking->capacity * 2 : 4;
        gp_member **members = gp_realloc(ranking->members, capacity * sizeof *members);
        if (!members) return false;
        ranking->members = members;
        ranking->capacity = capacity;
    }
    put(ranking, ranking->count++, member);
    sift_up(ranking, member);
    return true;
}

void gp_ranking_remove(gp_ranking *ranking, gp_member *member) {
    gp_member *last = ranking->members[--ranking->count];
    if (last == member) return;
    put(ranking, member->rank, last);
    gp_ranking_update(ranking, last);
}

gp_member *gp_ranking_largest(const gp_ranking *ranking) { return ranking->count ? ranking->members[0] : NULL; }

const char *gp_ranking_check(const gp_ranking *ranking) {
    for (size_t i = 0; i < ranking->count; i++) {
        const gp_member *member = ranking->members[i];
        if (member->rank != i) return "ranking: a member is not where it says";
        if (member->shared_bytes > member->mapped_bytes) return "ranking: a member shares more than it has";
        if (i && gp_ranking_weight(member) > gp_ranking_weight(ranking->members[(i - 1) / 2]))
            return "ranking: a member stands below a smaller one";
    }
    return NULL;
}
