#include "pages/demand.h"

static void add(gp_page_parts *sum, const gp_page_parts *parts) {
    sum->text_bytes += parts->text_bytes;
    sum->cells_bytes += parts->cells_bytes;
    sum->clusters_bytes += parts->clusters_bytes;
    sum->links_bytes += parts->links_bytes;
    sum->styles_bytes += parts->styles_bytes;
}

static void enter(gp_demand_window *window, size_t need, size_t plain) {
    window->pages++;
    window->beyond += need > plain;
    for (int i = 0; i < GP_DEMAND_RECURS; i++) {
        if (need <= window->largest[i]) continue;
        size_t smaller = window->largest[i];
        window->largest[i] = need;
        need = smaller;
    }
}

size_t gp_demand_recurring(const gp_demand *demand) {
    const size_t *now = demand->now.largest, *before = demand->before.largest;
    size_t need = 0;
    for (int i = 0; i < GP_DEMAND_RECURS; i++) need = *now >= *before ? *now++ : *before++;
    return need;
}

void gp_demand_note(gp_demand *demand, size_t need, size_t plain, const gp_page_parts *parts, uint32_t weight,
                    uint32_t window_weight) {
    enter(&demand->now, need, plain);
    add(&demand->now.parts, parts);
    demand->now.weight += weight;
    size_t recurring = gp_demand_recurring(demand);
    if (recurring > plain && recurring > demand->birth) demand->birth = recurring;
    if (demand->now.weight < window_weight) return;
    if (!demand->now.beyond && !demand->before.beyond)
        demand->birth = 0;
    else if (recurring <= demand->birth / 2)
        demand->birth = recurring > plain ? recurring : 0;
    demand->before = demand->now;
    demand->now = (gp_demand_window){0};
}

void gp_demand_read(const gp_demand *demand, gp_demand_figures *figures) {
    const gp_demand_window *now = &demand->now, *before = &demand->before;
    *figures = (gp_demand_figures){
        .pages = now->pages + before->pages,
        .beyond = now->beyond + before->beyond,
        .largest = now->largest[0] > before->largest[0] ? now->largest[0] : before->largest[0],
        .recurring = gp_demand_recurring(demand),
        .birth = demand->birth,
        .parts = before->parts,
    };
    add(&figures->parts, &now->parts);
}
